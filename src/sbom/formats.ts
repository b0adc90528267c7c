/** The names of the formats, in a file of their own: the command line needs the names before it loads the formats. */

/** The formats of bills of materials. */
export const BILL_FORMATS = ["spdx", "cyclonedx"] as const;

/** The formats of documents about an image's materials. */
export const DOCUMENT_FORMATS = [...BILL_FORMATS, "openvex"] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];
