/** Users: their files under /etc, their home folders, and their ids. */
import { existsSync } from "node:fs";
import type { User } from "../../image/content-file.ts";
import type { RootEntry } from "../../layer/recipe.ts";
import { readRegular } from "../../util/regular-file.ts";
import { BuildError, type Located } from "../build-error.ts";

/** A group from the image's `groups`. */
export interface Group {
  name: string;
  gid: number;
  members: string[];
}

/** An owner as names or ids; without a group, the user's primary group. */
export interface Owner {
  user: string | number;
  group: string | number | null;
}

const ROOT: User = { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/sh", groups: [] };
const NOBODY: User = { name: "nobody", uid: 65534, gid: 65534, home: "/var/empty", shell: "/bin/false", groups: [] };
/** The first id for groups that are no user's primary group; they are numbered in the order of their names. */
const FIRST_GROUP = 2000;
/** Limit in bytes of a passwd or group file. */
const MAX_USER_FILE = 1 << 20;

/** The users of an image that writes no user files: those of the base, with root. */
export function baseUsers(base: User[]): User[] {
  return base.length === 0 || base.some(({ name }) => name === "root") ? base : [ROOT, ...base];
}

/** The users of an image that writes user files: root, nobody, and the base's users, overridden by this image's. */
export function mergeUsers(base: User[], own: User[]): User[] {
  const byName = new Map([ROOT, NOBODY, ...base, ...own].map((user) => [user.name, user]));
  return [...byName.values()];
}

/** The users, with the groups that list them as members. */
export function withMembers(users: User[], groups: Group[]): User[] {
  return users.map((user) => {
    const more = groups.filter(({ name, members }) => members.includes(user.name) && !user.groups.includes(name));
    return more.length === 0 ? user : { ...user, groups: [...user.groups, ...more.map(({ name }) => name)] };
  });
}

type UserEntry = Extract<RootEntry, { kind: "text" | "directory" }>;

/** The users and groups of an image. */
export interface Known {
  users: User[];
  /** Ids of the base's groups. */
  groups: Record<string, number>;
}

/** Group ids by name. */
export function groupIds({ users, groups }: Known): Map<string, number> {
  const ids = new Map(Object.entries(groups));
  const named = new Set(ids.values());
  // A user whose primary group has no name in the base gets a group of the user's name.
  for (const { name, gid } of users) if (!named.has(gid)) ids.set(name === "nobody" ? "nogroup" : name, gid);
  const taken = new Set(ids.values());
  let next = FIRST_GROUP;
  for (const group of users.flatMap((user) => user.groups).toSorted()) {
    if (ids.has(group)) continue;
    while (taken.has(next)) next += 1;
    ids.set(group, next++);
  }
  return ids;
}

/**
 * /etc/passwd, /etc/group and /etc/nsswitch.conf for `users`, and home folders for root and each of `own`. Keeps existing home
 * folders, and the lines of these files in `below`, except those of users in `own` and groups in `ownGroups`.
 */
export function userEntries({
  users,
  groups,
  own,
  ownGroups,
  below,
}: Known & { own: User[]; ownGroups: Group[]; below: RootEntry[] }): UserEntry[] {
  const existing = new Map(below.map((entry) => [entry.path, entry]));
  const linesByName = (path: string) => {
    const lines = textAt(path, existing)
      .split("\n")
      .filter((line) => line !== "");
    return new Map(lines.map((line) => [line.split(":", 1)[0] as string, line]));
  };
  const isOwn = new Set(own.map(({ name }) => name));
  const passwd = linesByName("/etc/passwd");
  for (const { name, uid, gid, home, shell } of users) {
    if (!passwd.has(name) || isOwn.has(name)) passwd.set(name, `${name}:x:${uid}:${gid}::${home}:${shell}`);
  }
  const group = linesByName("/etc/group");
  for (const [name, gid] of groupIds({ users, groups })) {
    const members = users.filter((user) => user.groups.includes(name)).map((user) => user.name);
    const isChanged =
      ownGroups.some((each) => each.name === name) ||
      own.some((user) => user.groups.includes(name) || user.name === name);
    if (!group.has(name) || isChanged) {
      group.set(name, `${name}:x:${gid}:${members.join(",")}`);
    }
  }
  const text = (path: string, lines: Iterable<string>): UserEntry => ({
    kind: "text",
    path,
    text: [...lines].map((line) => `${line}\n`).join(""),
    mode: 0o644,
    uid: 0,
    gid: 0,
  });
  const homes = [ROOT, ...own].filter(({ home }) => home !== "/" && home !== "/var/empty" && !existing.has(home));
  return [
    text("/etc/passwd", passwd.values()),
    text("/etc/group", group.values()),
    ...(existing.has("/etc/nsswitch.conf")
      ? []
      : [text("/etc/nsswitch.conf", ["passwd: files", "group: files", "hosts: files dns"])]),
    ...homes.map(({ home, uid, gid }): UserEntry => ({ kind: "directory", path: home, mode: 0o700, uid, gid })),
  ];
}

/** The ids of an owner; null means root. */
export function ownerIds(owner: Owner | null, known: Known, at: Located["at"]): { uid: number; gid: number } {
  if (owner === null) return { uid: 0, gid: 0 };
  const { user, group } = owner;
  // Without user files, root and nobody have the ids that user files of imgc would have.
  const users = known.users.length === 0 ? [ROOT, NOBODY] : baseUsers(known.users);
  const found = users.find(({ name, uid }) => name === user || uid === user);
  const uid = typeof user === "number" ? user : found?.uid;
  if (uid === undefined)
    throw unknown(
      at,
      "user",
      user,
      users.map(({ name }) => name),
    );
  if (group === null) return { uid, gid: found?.gid ?? uid };
  const groups = groupIds({ ...known, users });
  const gid = typeof group === "number" ? group : groups.get(group);
  if (gid === undefined) throw unknown(at, "group", group, [...groups.keys()]);
  return { uid, gid };
}

function unknown(at: Located["at"], kind: "user" | "group", name: string | number, known: string[]): BuildError {
  return new BuildError([{ at, message: `the image has no ${kind} ${name}; it has ${known.join(", ")}` }]);
}

/** The text of a file among entries: of a text entry, of a copied file, or in a copied folder; "" if no entry has it. */
function textAt(path: string, entries: ReadonlyMap<string, RootEntry>): string {
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const entry = entries.get(at);
    if (entry?.kind === "text" && at === path) return entry.text;
    if (entry?.kind !== "copy") continue;
    const source = entry.source + path.slice(at.length);
    return existsSync(source) ? readRegular(source, MAX_USER_FILE).toString() : "";
  }
  return "";
}
