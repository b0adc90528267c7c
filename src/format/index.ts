/** The prettier plugin: `prettier --plugin imgc/prettier`. It adds no options. */
import type { Parser, Printer, SupportLanguage } from "prettier";
import type { Node } from "./nodes.ts";
import { parseForPrettier } from "./parser.ts";
import { printer } from "./printer.ts";

export const languages: SupportLanguage[] = [
  { name: "imgspec", parsers: ["imgspec"], extensions: [".imgspec"], vscodeLanguageIds: ["imgspec"] },
];

const parser: Parser<Node> = {
  astFormat: "imgspec",
  parse: parseForPrettier,
  locStart: (node) => spanOf(node).start,
  locEnd: (node) => spanOf(node).end,
};
export const parsers = { imgspec: parser };

export const printers: Record<string, Printer<Node>> = { imgspec: printer };

export const defaultOptions = { printWidth: 100 };

/** The span of a node, or of a comment, which prettier passes here too. */
function spanOf(node: Node): { start: number; end: number } {
  return "span" in node ? node.span : (node as { start: number; end: number });
}
