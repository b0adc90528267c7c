/** Writes a setting's default as text, for hover, inlay hints and the reference. */
import type { OtherSettings, Setting } from "./type.ts";

/**
 * The text of a default; undefined if the default is empty. `read`: the other settings, on which the default may
 * depend.
 */
export function defaultText(
  { required, fallback, type }: Setting<unknown>,
  read: OtherSettings = new Map(),
): string | undefined {
  return required ? undefined : valueText(fallback(read), type.words ?? []);
}

function valueText(value: unknown, words: readonly string[]): string | undefined {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return words.includes(value) ? value : JSON.stringify(value);
  if (typeof value !== "object" || value === null) return undefined;
  // The value of a `choice` is an object that contains the word.
  return Object.values(value).find((part): part is string => typeof part === "string" && words.includes(part));
}
