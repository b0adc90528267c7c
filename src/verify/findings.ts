import { printableLine } from "../util/printable.ts";

/** Limit of findings: a hostile image can have millions. */
const MAX_FINDINGS = 1000;

/** Comparing what is claimed with what was computed. */
export class Findings {
  readonly sentences: string[] = [];

  add(sentence: string): void {
    if (this.sentences.length < MAX_FINDINGS) this.sentences.push(printableLine(sentence));
    else if (this.sentences.length === MAX_FINDINGS) this.sentences.push("there are more findings than are listed");
  }

  same(what: string, claimed: string | number | undefined, computed: string | number | undefined): void {
    if (claimed !== computed) this.add(`${what}: claimed ${claimed}, computed ${computed}`);
  }
}

/** What nobody reads of an image that this project wrote says nothing, or something else to another reader. */
export function belongsToNothing(where: string): string {
  return `${where} belongs to no part of the image`;
}

/**
 * Every path of the closure is in exactly one layer, no layer has another one, and no reference leads outside. `held`:
 * paths that are there as well, of which no more is known.
 */
export function checkClosure(
  findings: Findings,
  closure: { path: string; references: string[] }[],
  layers: { name: string; paths: Iterable<string> }[],
  held: string[] = [],
): void {
  const holder = new Map<string, string>();
  for (const { name, paths } of layers) {
    for (const path of paths) {
      const other = holder.get(path);
      if (other !== undefined) findings.add(`${path} is in two layers: ${other} and ${name}`);
      holder.set(path, name);
    }
  }
  for (const path of held) {
    if (!holder.has(path)) findings.add(`${path} is held by a base, says the image, but no layer holds it`);
  }
  const seen = new Set<string>();
  for (const { path } of closure) {
    if (seen.has(path)) findings.add(`${path} belongs to the image twice`);
    seen.add(path);
  }
  const known = new Set([...held, ...closure.map(({ path }) => path)]);
  for (const { path, references } of closure) {
    if (!holder.has(path)) findings.add(`${path} belongs to the image, but no layer holds it`);
    for (const reference of references) {
      if (!known.has(reference)) findings.add(`${path} refers to ${reference}, which is not in the image`);
    }
  }
  for (const [path, layer] of holder) {
    if (!known.has(path)) findings.add(`${layer} holds ${path}, which does not belong to the image`);
  }
}

/**
 * Every path of the closure must be a root or referenced, and every root must be in the closure. Any other path was not
 * requested, such as the source of a copied file. `held`: paths known by name only.
 */
export function checkRoots(
  findings: Findings,
  roots: string[],
  closure: { path: string; references: string[] }[],
  held: string[],
): void {
  const references = new Map<string, string[]>([
    ...held.map((path): [string, string[]] => [path, []]),
    ...closure.map((entry): [string, string[]] => [entry.path, entry.references]),
  ]);
  const reached = new Set<string>();
  for (const root of roots) {
    if (!references.has(root)) findings.add(`${root} is named by the image, says the image, but is not in it`);
  }
  for (const left = [...roots]; left.length > 0;) {
    const path = left.pop() as string;
    if (reached.has(path)) continue;
    reached.add(path);
    left.push(...(references.get(path) ?? []));
  }
  for (const { path } of closure) {
    if (!reached.has(path)) findings.add(`${path} is in the image, but nothing that the image names needs it`);
  }
}
