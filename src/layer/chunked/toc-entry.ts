/** Makes the entries of a table of contents from the headers of a tar stream. */
import type { TarEntry } from "../read-tar.ts";
import type { TocEntry } from "./toc.ts";

const TYPES = new Map([
  ["0", "reg"],
  ["1", "hardlink"],
  ["2", "symlink"],
  ["3", "char"],
  ["4", "block"],
  ["5", "dir"],
  ["6", "fifo"],
]);
const XATTR = "SCHILY.xattr.";

/** The attributes that the table has of an entry; clients compare them with the header in the tar-split. */
export function tocEntry(entry: TarEntry): TocEntry {
  const { type, mode, size, uid, gid, target, major, minor, records } = entry;
  const xattrs = [...records].filter(([key]) => key.startsWith(XATTR));
  const [accessed, changed] = [records.get("atime"), records.get("ctime")];
  return {
    type: TYPES.get(type) ?? "",
    name: nameOf(entry),
    ...(target === "" ? {} : { linkName: utf8(target) }),
    ...present({ mode, size, uid, gid }),
    ...(entry.mtime === 0 ? {} : { modtime: dateText(records.get("mtime") ?? String(entry.mtime)) }),
    ...(accessed === undefined ? {} : { accesstime: dateText(accessed) }),
    ...(changed === undefined ? {} : { changetime: dateText(changed) }),
    ...present({ devMajor: major, devMinor: minor }),
    ...(xattrs.length === 0 ? {} : { xattrs: Object.fromEntries(xattrs.map(xattr)) }),
  };
}

/** An entry's name in the table and in the tar-split: as in its header, where folders end with a slash. */
export function nameOf({ name, type }: TarEntry): string {
  return type === "5" && !name.endsWith("/") ? `${utf8(name)}/` : utf8(name);
}

function present<T extends Record<string, number>>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0)) as Partial<T>;
}

function xattr([key, value]: [string, string]): [string, string] {
  return [utf8(key.slice(XATTR.length)), Buffer.from(value, "latin1").toString("base64")];
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString();
}

/** RFC 3339, from seconds since the epoch with an optional fraction. */
function dateText(seconds: string): string {
  const [, whole = "0", digits = ""] = /^(-?\d+)(?:\.(\d*))?$/.exec(seconds) ?? [];
  const nanoseconds = Number(digits.slice(0, 9).padEnd(9, "0"));
  const isBefore = whole.startsWith("-") && nanoseconds > 0;
  const date = new Date((Number(whole) - (isBefore ? 1 : 0)) * 1000).toISOString().slice(0, 19);
  const fraction = String(isBefore ? 1e9 - nanoseconds : nanoseconds)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${date}${fraction === "" ? "" : `.${fraction}`}Z`;
}
