// Completes a path from what is in its folder.
import { dirname, resolve } from "node:path";
import type { Span } from "../language/index.ts";
import type { Candidate } from "./candidate.ts";

export interface Folders {
  /** Names in a folder, those of folders with a slash at the end. */
  list(folder: string): string[];
}

/** The paths that go on from what is written; `quoted` says that they stand in a string, where any name does. */
export function pathCandidates(
  written: string,
  span: Span,
  file: string,
  folders: Folders,
  quoted: boolean,
): Candidate[] {
  const before = /^.*\//s.exec(written)?.[0] ?? "./";
  return folders
    .list(resolve(dirname(file), before))
    .filter((name) => !name.startsWith(".") || written.slice(before.length).startsWith("."))
    .toSorted()
    .map((name): Candidate => {
      const path = before + name;
      const text = quoted
        ? path.replaceAll(/["\\$]/g, "\\$&")
        : /[\s"'[\]{}#$]/.test(name)
          ? `path ${JSON.stringify(path)}`
          : path;
      return { kind: name.endsWith("/") ? "folder" : "file", label: name, text, span };
    });
}
