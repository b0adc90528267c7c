/** Converts a token's pattern to a regular expression that Oniguruma and tree-sitter also understand. */
export function portableSource({ PATTERN }: { PATTERN?: unknown }): string {
  return (
    (PATTERN as RegExp).source
      .replaceAll("[^]", String.raw`[\s\S]`)
      // Other dialects require a `[` in a character class to be escaped.
      .replace(/(\[\^?)((?:[^\]\\]|\\.)*)\]/g, (_whole, open: string, inside: string) => {
        return `${open}${inside.replace(/(?<!\\)\[/g, "\\[")}]`;
      })
  );
}
