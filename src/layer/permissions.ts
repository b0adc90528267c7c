/** Applies modes, owners and capabilities by glob to the entries of a layer's tar stream, so that imgc does not need root. */
import { globMatcher } from "../util/glob.ts";
import type { Permission } from "./recipe.ts";
import type { EntryHeader } from "./tar.ts";
import { isWhiteout } from "./whiteout.ts";

/** A function that applies every rule whose glob matches an entry's name; the last rule wins. */
export function ruler(permissions: Permission[]): <E extends EntryHeader>(entry: E) => E {
  const rules = permissions.map((rule) => ({ ...rule, fits: globMatcher(rule.glob) }));
  return (entry) => {
    const name = `/${entry.name.toString("latin1")}`;
    if (isWhiteout(name)) return entry;
    let ruled = entry;
    for (const { fits, mode, uid, gid, capabilities, folderMode } of rules) {
      if (!fits(name)) continue;
      ruled = { ...ruled, uid: uid ?? ruled.uid, gid: gid ?? ruled.gid };
      if (capabilities !== undefined && ruled.kind === "file") ruled.capabilities = capabilities;
      // A link has no mode.
      if (mode !== null && ruled.kind !== "symlink") {
        ruled.mode = ruled.kind === "directory" ? (folderMode ?? enterable(mode)) : mode;
      }
    }
    return ruled;
  };
}

/** The mode for a folder: adds execute bits for everybody who may read. */
export function enterable(mode: number): number {
  return mode | ((mode & 0o444) >> 2);
}
