/** A page for each diagnostic: the explanation, a wrong and a right example. */
import { catalogue, type Code } from "../../src/diagnostics/catalogue.ts";
import { formats } from "../../src/diagnostics/formats/index.ts";
import { check } from "../../src/language/index.ts";

const FOLDER = "diagnostics";
const codes = (Object.keys(catalogue) as Code[]).toSorted();

/** The pages by path. */
export function diagnosticPages(): Record<string, string> {
  const pages = codes.map((code): [string, string] => [`${FOLDER}/${code}.md`, page(code)]);
  return { [`${FOLDER}/README.md`]: index(), ...Object.fromEntries(pages) };
}

function index(): string {
  const rows = codes.map((code) => `| [${code}](${code}.md) | ${catalogue[code].severity} | ${firstSentence(code)} |`);
  return `# Diagnostics

\`imgc check\` and the editor show these diagnostics of an image description. \`imgc explain CODE\` shows a page in a terminal.

| code | severity | |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function firstSentence(code: Code): string {
  return (catalogue[code].explanation.split("\n")[0] ?? "").replaceAll("|", "\\|");
}

function page(code: Code): string {
  const { severity, explanation, bad, good } = catalogue[code];
  return `# ${code}

_${severity}_

${explanation}

## Wrong

${fence("imgspec", bad)}

${checked(bad) === "" ? "" : fence("text", checked(bad))}

## Right

${fence("imgspec", good)}
`;
}

/** The checker's output for a text. */
function checked(text: string): string {
  const path = "/example.imgspec";
  const exists = (name: string): boolean => name.endsWith("/src");
  const { diagnostics, sources } = check({ path, text }, { read: () => undefined, exists });
  const name = (of: string): string => of.slice(1);
  return formats.pretty({ diagnostics, sources, files: [path], colours: false, width: Infinity, name });
}

export function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}
