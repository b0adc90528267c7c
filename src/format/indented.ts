// Lays out an indented string: its lines move with the setting they belong to, and mean what they meant.

/** The lines of a string as they are written at `indent` spaces; undefined where the text must stay as it is. */
export function moveLines(written: string, indent: number): string[] | undefined {
  const lines = written.slice(2, -2).split("\n");
  const [first, ...rest] = lines;
  const last = rest.pop();
  if (first === undefined || last === undefined) return undefined;
  // An escaped line end is content that looks like the end of a line, and a string of blanks has no indentation.
  if (!/^ *$/.test(first) || /''\\\r?$/m.test(written) || !/\S/.test(rest.join("") + last)) return undefined;
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
