/** Makes links of the paths in a file. */
import { dirname, resolve } from "node:path";
import type { Module, Span } from "../language/index.ts";
import { pathText } from "../language/types/path.ts";
import { terms } from "./walk.ts";

export interface Link {
  span: Span;
  target: string;
}

/** A link for each path of a file that exists. */
export function links({ document, source }: Module, exists: (path: string) => boolean): Link[] {
  const found: Link[] = [];
  for (const term of terms(document.settings)) {
    const path = pathText(term);
    if (path === undefined) continue;
    const target = resolve(dirname(source.path), path);
    if (exists(target)) found.push({ span: term.span, target });
  }
  return found;
}
