/** Quantities as text. */

const UNITS = ["B", "kB", "MB", "GB"];

/** A number of bytes in decimal units, as registries use. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${UNITS[power]}`;
}

/** `1 layer`, `2 layers`. */
export function quantity(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
