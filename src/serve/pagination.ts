/**
 * Pages of lists: `n` names after `last`, as in "Listing Tags" of the distribution spec. The list of repositories has
 * the same pages.
 */
import { EXIT, ImgcError } from "../util/errors.ts";

export class PageError extends ImgcError {
  constructor(message: string) {
    super(EXIT.environment, message);
  }
}

/** Sorts names in the "lexical order" of the spec. Case is ignored, except between names that differ only in case. */
export function inOrder(names: Iterable<string>): string[] {
  return [...names].toSorted(compare);
}

export function page(names: string[], query: string): { names: string[]; next: string | undefined } {
  const params = new URLSearchParams(query);
  const last = params.get("last");
  const asked = params.get("n");
  if (asked !== null && !/^\d{1,9}$/.test(asked)) throw new PageError(`n must be a number of names, not "${asked}"`);
  const rest = last === null ? names : names.filter((name) => compare(name, last) > 0);
  const n = asked === null ? rest.length : Number(asked);
  const part = rest.slice(0, n);
  const final = part.at(-1);
  const next = final !== undefined && rest.length > n ? new URLSearchParams({ n: String(n), last: final }) : undefined;
  return { names: part, next: next?.toString() };
}

function compare(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  if (x !== y) return x < y ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
