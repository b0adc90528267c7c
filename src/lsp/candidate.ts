import type { Span } from "../language/index.ts";

/** A proposal of completion. */
export interface Candidate {
  kind: "setting" | "word" | "binding" | "image" | "file" | "folder" | "package";
  label: string;
  /** What is written, and over which stretch; all of the stretch before the cursor is to be the start of it. */
  text: string;
  span: Span;
  /** The text with places to fill in, for editors that have such. */
  snippet?: string;
  detail?: string;
  doc?: string;
}
