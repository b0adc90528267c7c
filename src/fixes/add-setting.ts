/** Adds a setting that a message proposes to the image. The user decides: each changes what is built. */
import { PACKAGE_SET } from "../diagnostics/entries/builds.ts";
import type { Code } from "../diagnostics/catalogue.ts";
import type { BlockTerm } from "../language/index.ts";
import { placeAt } from "../language/document/place.ts";
import { nameOf } from "../language/syntax/tree.ts";
import { replace, separatorBefore, type Fixer } from "./fixer.ts";

const PROPOSED: Partial<Record<Code, string>> = {
  "lost-healthcheck": "manifest docker",
  "unwritten-user": "provide [ users ]",
  "forbidden-import": "cache { reuse group }",
};

export const addSetting: Fixer = ({ code, span }, module) => {
  const proposed = PROPOSED[code];
  if (proposed === undefined) return [];
  const { text } = module.source;
  const [file] = placeAt(module.document, text, span.start).levels;
  const block = file?.setting?.values.find((value): value is BlockTerm => value.kind === "block");
  const isThere = block?.settings.some(({ name }) => proposed.startsWith(`${nameOf(name)} `)) ?? true;
  if (block === undefined || isThere || text[block.span.end - 1] !== "}") return [];
  const last = block.settings.at(-1);
  const at = last?.span.end ?? block.span.start + 1;
  const separator = last === undefined ? " " : separatorBefore(last, text);
  return [replace(module, { start: at, end: at }, separator + proposed, `add \`${proposed}\``, false)];
};

/** Names a package set at the top of the file. */
export const addPackageSet: Fixer = ({ code }, module) => {
  if (code !== "no-package-set") return [];
  return [replace(module, { start: 0, end: 0 }, `${PACKAGE_SET}\n`, `add \`${PACKAGE_SET}\``, false)];
};
