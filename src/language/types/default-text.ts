// A setting's default as it would be written, for people: hover, hints, the reference.
import type { Setting } from "./type.ts";

/** The default, or undefined where it is that nothing is there. `read` holds what a default may follow from. */
export function writtenDefault(
  { required, fallback, type }: Setting<unknown>,
  read: ReadonlyMap<string, unknown> = new Map(),
): string | undefined {
  return required ? undefined : written(fallback(read), type.words ?? []);
}

function written(value: unknown, words: readonly string[]): string | undefined {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return words.includes(value) ? value : JSON.stringify(value);
  if (typeof value !== "object" || value === null) return undefined;
  // What a word decides is an object with that word in it.
  return Object.values(value).find((part): part is string => typeof part === "string" && words.includes(part));
}
