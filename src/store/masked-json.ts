/**
 * JSON that names store paths without referring to them. Nix finds references by looking for the 32 characters of a
 * path's hash; `~` in the middle of each hides them, and whoever reads takes it out again (nix/layers.nix does so too).
 */

/** The alphabet of Nix's base 32: no e, o, t, u. */
const RUN = /[0-9a-df-np-sv-z]{16}(?=[0-9a-df-np-sv-z])/g;

/** JSON in which `~` stands for nothing else than a veil. */
export function encodePlain(value: unknown): string {
  return `${JSON.stringify(value).replaceAll("~", String.raw`\u007e`)}\n`;
}

export function encodeVeiled(value: unknown): string {
  return encodePlain(value).replace(RUN, "$&~");
}

/** The value of either form. */
export function decodeVeiled(text: string): unknown {
  return JSON.parse(text.replaceAll("~", ""));
}
