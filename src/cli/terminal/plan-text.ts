/** Formats a plan as text of 80 columns. */
import { relative } from "node:path";
import type { FileCount } from "../../image/content-file.ts";
import { printableLine } from "../../util/printable.ts";
import { sizeText, quantity } from "../../util/quantities.ts";
import type { CopyCount } from "../../app/copies.ts";
import type { Costs } from "../../app/plan-costs.ts";
import type { PlanView } from "../../app/plan-view.ts";
import type { Layout } from "./style.ts";
import { fit } from "./width.ts";
import { COLUMNS } from "../../util/wrap.ts";
import { nameOf, splitName } from "../../store/store-path.ts";

const STEP_WIDTH = 22;

export function planText(view: PlanView, { plan, auto }: Costs, { width, paint }: Layout): string {
  const { layers, closure } = view;
  const title = printableLine(view.title);
  const sizes = new Map(closure.map(({ path, narSize }) => [path, narSize]));
  const layerSize = view.layers.map(({ size }) => size);
  const rows = layers.map(({ name, paths, content }, i) => {
    const largest = paths.toSorted((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0)).map(nameOf);
    const names = paths.length > 0 ? largest : content.entries.map(({ path }) => path);
    const start = `${String(i + 1).padStart(3)}  ${sizeText(layerSize[i] ?? 0).padStart(8)}  ${String(paths.length).padStart(5)}  ${fit(name, width === Infinity ? width : STEP_WIDTH).padEnd(STEP_WIDTH)}  `;
    return (start + listed(names, start.length, width)).trimEnd();
  });
  const total = layerSize.reduce((sum, size) => sum + size, 0);
  const words = `${quantity(layers.length, "layer")} with ${quantity(closure.length, "store path")}, ${sizeText(total)}`;
  return [
    ...(title.length + 2 + words.length > COLUMNS ? [title, words] : [`${title}: ${words}`]),
    "",
    paint("title", `${"".padStart(3)}  ${"size".padStart(8)}  paths  ${"step".padEnd(STEP_WIDTH)}  largest first`),
    ...rows.map(printableLine),
    "",
    `Clients are expected to pull ${sizeText(plan)} after the next rebuild${hintWords(plan, auto)}.`,
    ...(view.copies ?? []).map((copy) => copyText(copy, width)),
    ...(view.rewritten === undefined ? [] : [rewrittenText(view.rewritten)]),
    "",
  ].join("\n");
}

function rewrittenText({ files, bytes: size }: FileCount): string {
  return `\`permissions\` duplicates ${quantity(files, "file")} of the base: ${sizeText(size)}`;
}

function copyText({ path, source, taken, leftOut, names }: CopyCount, width: number): string {
  const start = `${path} takes ${quantity(taken, "file")} of ${relative(process.cwd(), source) || "."}`;
  if (names.length === 0) return fit(start, width);
  const more = ` and leaves out ${leftOut}: `;
  return start.length + more.length > COLUMNS - STEP_WIDTH
    ? `${fit(start, width)}\n ${more}${listed(names, more.length + 1, width)}`
    : `${start}${more}${listed(names, start.length + more.length, width)}`;
}

/** Compares the cost of the user's layer steps with the cost of `auto` alone; empty if they cost at most 1 % more. */
function hintWords(plan: number, auto: number): string {
  if (plan <= auto * 1.01) return "";
  const more = Math.round((plan / auto - 1) * 100);
  return `; with \`auto\` alone\nit would be ${sizeText(auto)}: the other steps cost ${more} % more`;
}

/**
 * Explains why a store path or package is in the image: its layer, the layer's step, and the chain of references to it.
 * Undefined if the image lacks the path.
 */
export function whyText(view: PlanView, wanted: string, { width }: Layout): string | undefined {
  const first = (is: (name: string, path: string) => boolean) =>
    view.closure.find(({ path }) => is(nameOf(path), path));
  const named =
    first((name, path) => path === wanted || name === wanted) ??
    first((_, path) => splitName(path).name === wanted) ??
    first((name) => name.startsWith(wanted));
  if (named === undefined) return undefined;
  const at = view.layers.findIndex(({ paths }) => paths.includes(named.path));
  const chain = chainTo(view, named.path);
  return [
    named.path,
    at < 0
      ? "  in no layer of this plan"
      : `  layer ${at + 1} of ${view.layers.length}, added by step \`${view.layers[at]?.name}\``,
    `  ${sizeText(named.narSize)}, refers to ${quantity(named.references.filter((r) => r !== named.path).length, "path")}`,
    chain.length < 2 ? "  referenced by the image or its files directly" : "  in the image because of",
    ...(chain.length < 2
      ? []
      : chain.map((path, i) => fit(`    ${"  ".repeat(i)}${i === 0 ? "" : "→ "}${nameOf(path)}`, width))),
    "",
  ]
    .map(printableLine)
    .join("\n");
}

/** The shortest chain of references to a path, from a path that no other path refers to. */
function chainTo({ closure }: PlanView, wanted: string): string[] {
  const users = new Map<string, string[]>();
  for (const { path, references } of closure) {
    for (const next of references) {
      if (next === path) continue;
      const known = users.get(next);
      if (known === undefined) users.set(next, [path]);
      else known.push(path);
    }
  }
  const towards = new Map<string, string | undefined>([[wanted, undefined]]);
  for (const [path] of towards) {
    const above = users.get(path) ?? [];
    if (above.length === 0) {
      const chain = [path];
      for (let next = towards.get(path); next !== undefined; next = towards.get(next)) chain.push(next);
      return chain;
    }
    for (const user of above) if (!towards.has(user)) towards.set(user, path);
  }
  return [wanted];
}

/** As many names as fit into the line from column `start` on, and the number of the others. */
function listed(names: string[], start: number, width: number): string {
  const room = Math.min(width, COLUMNS) - start;
  let text = "";
  for (const [i, name] of names.entries()) {
    const more = names.length - i - 1;
    const next = `${text}${i === 0 ? "" : ", "}${name}`;
    if (next.length + (more > 0 ? 4 + String(more).length : 0) > room) {
      return i === 0 ? fit(name, width - start) : `${text}, +${names.length - i}`;
    }
    text = next;
  }
  return text;
}
