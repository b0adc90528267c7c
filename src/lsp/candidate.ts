/** One proposal of a completion. */
import type { Span } from "../language/index.ts";

export interface Candidate {
  kind: "setting" | "word" | "binding" | "image" | "file" | "folder" | "package";
  label: string;
  /** The text to insert. */
  text: string;
  /** The text to replace. Editors filter the candidates by the part of it before the cursor. */
  span: Span;
  /** The text by which editors filter the candidate, if it is not `text`: the name of another tool. */
  filter?: string;
  /** The text with placeholders, for editors that support snippets. */
  snippet?: string;
  detail?: string;
  doc?: string;
}
