/**
 * JSON with masked store paths, to which Nix sees no references. Nix finds references by the 32 characters of a path's hash, so
 * a `~` is inserted into each hash, and removed when the JSON is read (also in nix/layers.nix).
 */

/** Half of a hash in Nix's base 32 (no e, o, t, u), before the other half. */
const RUN = /[0-9a-df-np-sv-z]{16}(?=[0-9a-df-np-sv-z])/g;

/** JSON without masks. A `~` in strings is written as `\u007e`, since readers remove each `~` of the text. */
export function encodePlain(value: unknown): string {
  return `${JSON.stringify(value).replaceAll("~", String.raw`\u007e`)}\n`;
}

export function encodeMasked(value: unknown): string {
  return encodePlain(value).replace(RUN, "$&~");
}

/** Parses JSON with or without masks. */
export function decodeMasked(text: string): unknown {
  return JSON.parse(text.replaceAll("~", ""));
}
