/** The blocks and words in the forms of values. */
import type { Form, Inside, Settings } from "../../src/language/types/type.ts";

/** The block in a form. Several blocks are joined to one block with the settings of all. */
export function blockOf(form: Form): Inside | undefined {
  const known = joinedBlocks.get(form);
  if (known !== undefined) return known;
  const [first, ...others] = blocksOf(form);
  if (first === undefined || others.every((other) => other === first)) return first;
  const tables = [first, ...others].map((inside) => (inside.kind === "settings" ? inside.settings() : {}));
  const all = Object.assign({}, ...tables.toReversed()) as Settings;
  const joined: Inside = { kind: "settings", settings: () => all };
  joinedBlocks.set(form, joined);
  return joined;
}

const joinedBlocks = new WeakMap<Form, Inside>();

/** All blocks in a form, except nested ones. */
export function blocksOf(form: Form): Inside[] {
  return form.kind === "block" ? [form.inside] : parts(form).flatMap(blocksOf);
}

/** The words of the language in a form. */
export function wordsOf(form: Form): string[] {
  if (form.kind === "exact") return /^\w/.test(form.text) && !["nix", "path"].includes(form.text) ? [form.text] : [];
  return [...new Set(parts(form).flatMap(wordsOf))];
}

function parts(form: Form): readonly Form[] {
  if (form.kind === "sequence") return form.parts;
  if (form.kind === "choice") return form.options;
  if (form.kind === "optional" || form.kind === "many") return [form.part];
  return [];
}
