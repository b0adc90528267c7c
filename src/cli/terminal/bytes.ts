/** A size for people, in decimal units as registries use. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const power = Math.min(3, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(1)} ${["B", "kB", "MB", "GB"][power]}`;
}
