/** Compares the meaning of two texts: their trees without spans, and their comments. */
import type { Document } from "../language/index.ts";

interface Parsed {
  document: Document;
  text: string;
}

export function sameMeaning(left: Parsed, right: Parsed): boolean {
  return tree(left.document) === tree(right.document) && comments(left) === comments(right);
}

function tree({ settings }: Document): string {
  return JSON.stringify(settings, (key, value: unknown) => (key === "span" ? undefined : value));
}

function comments({ document, text }: Parsed): string {
  return document.comments
    .map(({ start, end }) => text.slice(start, end).trimEnd())
    .toSorted()
    .join("\n");
}
