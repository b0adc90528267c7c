/** Indents the lines of an indented string to the depth of its setting, without changing the string's value. */

/** The lines of a string, indented by `indent` spaces; undefined if the string must stay unchanged. */
export function moveLines(string: string, indent: number): string[] | undefined {
  const lines = string.slice(2, -2).split("\n");
  const [first, ...rest] = lines;
  const last = rest.pop();
  if (first === undefined || last === undefined) return undefined;
  // An escaped line end is content, so the next line cannot move. A string of blanks has no indentation.
  if (!/^ *$/.test(first) || /''\\\r?$/m.test(string) || !/\S/.test(rest.join("") + last)) return undefined;
  const closing = /^ *$/.test(last);
  const content = closing ? rest : [...rest, last];
  const common = Math.min(...content.filter((line) => /[^ ]/.test(line)).map((line) => line.search(/[^ ]/)));
  const moved = content.map((line) => {
    const kept = line.slice(Math.min(common, line.search(/\S|$/)));
    return kept === "" ? "" : " ".repeat(indent + 2) + kept;
  });
  return closing
    ? ["''", ...moved, `${" ".repeat(indent)}''`]
    : ["''", ...moved.slice(0, -1), `${moved.at(-1) ?? ""}''`];
}
