/** A recipe's format version. It changes when the same content makes other bytes. */
export const LAYER_VERSION = 1;
