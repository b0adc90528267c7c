/** Time of formatting, compared with parsing, and with prettier on JSON of the same number of lines. */
import { format as prettier } from "prettier";
import { format } from "../../src/format/format.ts";
import { parse } from "../../src/language/index.ts";
import { fastest, ratio, type Section } from "../section.ts";

const RUNS = 5;

export const section: Section = {
  title: "Formatting a description",
  about:
    "`imgc fmt` without its start-up: parse, print, and parse again to check that the meaning is the same. Times " +
    "are multiples of parsing alone. For comparison, prettier formats a JSON file of the same number of lines.",
  async run() {
    const rows = [];
    for (const lines of [1000, 10_000]) {
      const images = Array.from({ length: lines / 10 }, (_, index) => image(index));
      const source = { path: "/a.imgspec", text: images.join("\n") };
      const json = JSON.stringify(Array.from({ length: lines }, (_, id) => ({ id, name: `n${id}`, tag: "v1" })));
      const parsing = await fastest(RUNS, () => parse(source));
      const laidOut = await fastest(RUNS, () => format(source));
      const reference = await fastest(RUNS, () => prettier(json, { parser: "json" }));
      rows.push({
        lines: String(lines),
        "× parsing": ratio(laidOut, parsing),
        "prettier on JSON, × parsing": ratio(reference, parsing),
      });
    }
    return rows;
  },
};

/** Ten lines. */
function image(index: number): string {
  return `# Image ${index}
image "shop/${index}" {
 packages [ bash coreutils   python3Packages.flask ]   # the tools
  files { "/etc/motd" text "Hello \${hello}" { mode 0644 }
    "/app" copy ./src }
  config {
    entrypoint [ "/bin/api" ] env { A "1" B "2" }
  }
  layers { max 80 group 10 auto }
}`;
}
