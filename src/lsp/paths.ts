/** Completes a path from the names in its folder. */
import type { Span } from "../language/index.ts";
import { folderOf, resolveIn } from "../util/absolute-path.ts";
import type { Candidate } from "./candidate.ts";

export interface Folders {
  /** The names in `folder`; names of subfolders end with a slash. */
  list(folder: string): string[];
}

/** The paths that start with the typed text. `quoted`: inside a string, where any character is allowed. */
export function pathCandidates(
  typed: string,
  span: Span,
  file: string,
  folders: Folders,
  quoted: boolean,
): Candidate[] {
  const before = /^.*\//s.exec(typed)?.[0] ?? "./";
  return folders
    .list(resolveIn(folderOf(file), before))
    .filter((name) => !name.startsWith(".") || typed.slice(before.length).startsWith("."))
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
