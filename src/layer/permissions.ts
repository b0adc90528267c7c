/** Modes and owners by glob, applied to entries as a layer is written: no root, no virtual machine. */
import * as z from "zod/mini";
import type { EntryHeader } from "./tar.ts";

const Id = z.nullable(z.number().check(z.int(), z.nonnegative()));

/** A rule: `*` and `?` stay within a name, `**` crosses folders. What is null stays as it was. */
export const Permission = z.strictObject({
  /** Absolute in the image. */
  glob: z.string(),
  mode: z.nullable(z.number().check(z.int(), z.nonnegative(), z.lte(0o7777))),
  uid: Id,
  gid: Id,
});
export type Permission = z.infer<typeof Permission>;

/** Applies every rule that fits an entry's name, the last one winning. */
export function ruler(permissions: Permission[]): <E extends EntryHeader>(entry: E) => E {
  const rules = permissions.map((rule) => ({ ...rule, pattern: globPattern(rule.glob) }));
  return (entry) => {
    const name = `/${entry.name.toString("latin1")}`;
    let ruled = entry;
    for (const { pattern, mode, uid, gid } of rules) {
      if (!pattern.test(name)) continue;
      ruled = { ...ruled, uid: uid ?? ruled.uid, gid: gid ?? ruled.gid };
      // A link has no mode of its own.
      if (mode !== null && ruled.kind !== "symlink") {
        ruled.mode = ruled.kind === "directory" ? enterable(mode) : mode;
      }
    }
    return ruled;
  };
}

/** A folder's mode: who may read it may enter it. */
export function enterable(mode: number): number {
  return mode | ((mode & 0o444) >> 2);
}

/** Over the bytes of a name, read as Latin-1. */
function globPattern(glob: string): RegExp {
  const bytes = Buffer.from(glob).toString("latin1");
  const source = bytes.replace(/\/\*\*$|\*\*\/?|[*?]|[\\^$.|+()[\]{}]/g, (found) => {
    switch (found) {
      case "/**":
        return "(?:/.*)?";
      case "**/":
        return "(?:.*/)?";
      case "**":
        return ".*";
      case "*":
        return "[^/]*";
      case "?":
        return "[^/]";
      default:
        return `\\${found}`;
    }
  });
  return new RegExp(`^${source}$`, "s");
}
