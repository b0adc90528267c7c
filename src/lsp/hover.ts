/** Describes the word under the cursor: a setting with type, default, doc and example; a package; the declaration of a name. */
import type { Module, Span } from "../language/index.ts";
import { packageUses, type PackageUse } from "../language/check/package-uses.ts";
import { placeAt, touches } from "../language/document/place.ts";
import { defaultText } from "../language/types/default-text.ts";
import type { PackageName } from "../packages/names.ts";
import { packageAt, type Lookup } from "../packages/unknown.ts";
import { occurrenceAt, type Named } from "./names.ts";
import type { Setting } from "../language/types/type.ts";

export interface Hover {
  span: Span;
  markdown: string;
}

export function hover(root: Module, offset: number, lookup: Lookup = () => undefined): Hover | undefined {
  const named = occurrenceAt(root, offset);
  if (named !== undefined) return { span: named.span, markdown: declaration(named.named) };
  const use = packageUses(root).find((parts) => parts.some(({ span }) => touches(span, offset)));
  const found = use && packageAt(use, lookup);
  if (use !== undefined && found !== undefined) return { span: spanOf(use), markdown: packageMarkdown(found) };
  const { levels, term } = placeAt(root.document, root.source.text, offset);
  // A name that the user chose, such as an entry's key, shows the setting around it.
  const level = levels.findLast(({ known }) => known !== undefined);
  if (level?.known === undefined || level.setting?.name.kind !== "word" || term === undefined) return undefined;
  return { span: term.span, markdown: settingMarkdown(level.setting.name.text, level.known) };
}

/** A package's name, version and description. */
export function packageMarkdown({ name, kind, version, description }: PackageName): string {
  return [`**${name}** ${version || (kind === "set" ? "(a set of packages)" : "")}`.trim(), description]
    .filter(Boolean)
    .join("\n\n");
}

/** A setting's type, default, documentation, rules and example. */
export function settingMarkdown(name: string, setting: Setting<unknown>): string {
  const value = defaultText(setting);
  const facts = [
    setting.type.label,
    setting.required ? "required" : value && `default \`${value}\``,
    setting.many && "may be repeated",
  ];
  const rules = [...new Set(setting.type.rules ?? [])].map((rule) => `- ${rule}`).join("\n");
  return [`**${name}**: ${facts.filter(Boolean).join("; ")}`, setting.doc, rules, fenced(setting.example)]
    .filter(Boolean)
    .join("\n\n");
}

function spanOf(use: PackageUse): Span {
  return { start: use[0]?.span.start ?? 0, end: use.at(-1)?.span.end ?? 0 };
}

/** The text of a name's declaration, shortened to 12 lines. */
function declaration({ kind, node }: Named): string {
  const { source } = node.module;
  const { start, end } = node.setting.span;
  const lines = source.text.slice(start, end).split("\n");
  const excerpt = lines.length > 12 ? [...lines.slice(0, 11), "  …"] : lines;
  const param =
    kind === "binding" && node.meaning?.kind === "param" ? `a parameter (${node.meaning.param.type})` : undefined;
  return [param, fenced(excerpt.join("\n"))].filter(Boolean).join("\n\n");
}

function fenced(code: string): string {
  // The fence must be longer than any run of backticks in the code.
  const fence = "`".repeat(Math.max(2, ...Array.from(code.matchAll(/`+/g), ([run]) => run.length)) + 1);
  return `${fence}imgspec\n${code}\n${fence}`;
}
