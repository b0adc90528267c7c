/** Quantities as text. */

const UNITS = ["B", "kB", "MB", "GB"];

/**
 * A number of bytes. Decimal units (1 MB = 1,000,000 bytes), since registries and Docker show sizes in them; one
 * decimal, and never 1000 of a unit.
 */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let power = Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  if (power < UNITS.length - 1 && bytes / 1000 ** power >= 999.95) power++;
  return `${(bytes / 1000 ** power).toFixed(1)} ${UNITS[power]}`;
}

/** A time in milliseconds as text. */
export function timeText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** `1 layer`, `2 layers`. */
export function quantity(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
