/** Collects findings, and checks an image's closure. */
import { printableLine } from "../util/printable.ts";

/** Limit of findings: a hostile image can have millions. */
const MAX_FINDINGS = 1000;

/** The findings in an image, each a printable line. */
export class Findings {
  readonly sentences: string[];
  readonly #about: string;

  /** `about`: the start of each sentence. */
  constructor(sentences: string[] = [], about = "") {
    this.sentences = sentences;
    this.#about = about;
  }

  /** Findings about one of several images, which are kept together with those of all images. "": the only image. */
  of(image: string): Findings {
    return image === "" ? this : new Findings(this.sentences, `${image}: `);
  }

  /** Whether further findings are not kept. */
  get isFull(): boolean {
    return this.sentences.length > MAX_FINDINGS;
  }

  add(sentence: string): void {
    if (this.sentences.length < MAX_FINDINGS) this.sentences.push(printableLine(`${this.#about}${sentence}`));
    else if (this.sentences.length === MAX_FINDINGS)
      this.sentences.push(`there are more than ${MAX_FINDINGS} findings`);
  }

  /** Adds a finding if the values differ. */
  same(label: string, claimed: string | number | undefined, computed: string | number | undefined): void {
    if (claimed !== computed) this.add(`${label}: claimed ${claimed}, computed ${computed}`);
  }
}

/** An unmet expectation; `at`: its path in the image's block. */
export interface Unmet {
  at: (string | number)[];
  message: string;
}

/** The finding for an unread file in an image of imgc: another tool might read the file. */
export function belongsToNothing(where: string): string {
  return `${where} is not part of the image`;
}

/**
 * Checks that every path of the closure is in exactly one layer, that layers have no other paths, and that all references are
 * in the closure. `held`: further paths in layers, of which only the names are known.
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
    if (!holder.has(path)) findings.add(`${path} is listed as held by a base, but is in no layer`);
  }
  const seen = new Set<string>();
  for (const { path } of closure) {
    if (seen.has(path)) findings.add(`${path} is listed twice in the closure`);
    seen.add(path);
  }
  const known = new Set([...held, ...closure.map(({ path }) => path)]);
  for (const { path, references } of closure) {
    if (!holder.has(path)) findings.add(`${path} is in the closure, but in no layer`);
    for (const reference of references) {
      if (!known.has(reference)) findings.add(`${path} refers to ${reference}, which is not in the image`);
    }
  }
  for (const [path, layer] of holder) {
    if (!known.has(path)) findings.add(`${layer} contains ${path}, which is not in the closure`);
  }
}

/**
 * Checks that the roots are in the closure, and that every path of the closure can be reached from a root. An unreachable path,
 * such as the source of a copied file, does not belong in the image. `held`: further paths of which only the names are known.
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
    if (!references.has(root)) findings.add(`${root} is listed as a root, but is not in the image`);
  }
  for (const left = [...roots]; left.length > 0;) {
    const path = left.pop() as string;
    if (reached.has(path)) continue;
    reached.add(path);
    left.push(...(references.get(path) ?? []));
  }
  for (const { path } of closure) {
    if (!reached.has(path)) findings.add(`${path} is in the image, but no root of the image refers to it`);
  }
}
