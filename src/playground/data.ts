/** The data that the site's script puts into the playground. */
import type { Sheet } from "./sheet.ts";

export interface PlaygroundData {
  /** imgc's version. */
  version: string;
  examples: Sheet[];
}
