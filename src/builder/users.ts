/** Users: their files under /etc, their homes, and what their names mean as owners. */
import type { User } from "../image/content-file.ts";
import type { Permission } from "../layer/permissions.ts";
import type { RootEntry } from "../layer/recipe.ts";
import { BuildError } from "./attributes.ts";

/** An owner as people write it; without a group, the user's own. */
export interface Owner {
  user: string | number;
  group: string | number | null;
}

const ROOT: User = { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/sh", groups: [] };
const NOBODY: User = { name: "nobody", uid: 65534, gid: 65534, home: "/var/empty", shell: "/bin/false", groups: [] };
/** Groups that no user has as their own are numbered from here, by name. */
const FIRST_GROUP = 2000;

/** The base's users with this image's above them; root and nobody come with any, or where `needed`. */
export function mergeUsers(base: User[], own: User[], needed: boolean): User[] {
  if (base.length === 0 && own.length === 0 && !needed) return [];
  const byName = new Map([ROOT, NOBODY, ...base, ...own].map((user) => [user.name, user]));
  return [...byName.values()];
}

/** Group ids by name. */
export function groupIds(users: User[]): Map<string, number> {
  const ids = new Map(users.map((user) => [user.name === "nobody" ? "nogroup" : user.name, user.gid]));
  const taken = new Set(ids.values());
  let next = FIRST_GROUP;
  for (const group of users.flatMap((user) => user.groups).toSorted()) {
    if (ids.has(group)) continue;
    while (taken.has(next)) next += 1;
    ids.set(group, next++);
  }
  return ids;
}

/** /etc/passwd, /etc/group and /etc/nsswitch.conf for `users`, and a home for root and each of `own`. */
export function userEntries(users: User[], own: User[]): RootEntry[] {
  const passwd = users.map(({ name, uid, gid, home, shell }) => `${name}:x:${uid}:${gid}::${home}:${shell}\n`);
  const group = [...groupIds(users)].map(([name, gid]) => {
    const members = users.filter((user) => user.groups.includes(name)).map((user) => user.name);
    return `${name}:x:${gid}:${members.join(",")}\n`;
  });
  const text = (path: string, lines: string[]): RootEntry => ({
    kind: "text",
    path,
    text: lines.join(""),
    mode: 0o644,
    uid: 0,
    gid: 0,
  });
  const homes = [ROOT, ...own].filter(({ home }) => home !== "/" && home !== "/var/empty");
  return [
    text("/etc/passwd", passwd),
    text("/etc/group", group),
    text("/etc/nsswitch.conf", ["passwd: files\n", "group: files\n", "hosts: files dns\n"]),
    ...homes.map(({ home, uid, gid }): RootEntry => ({ kind: "directory", path: home, mode: 0o700, uid, gid })),
  ];
}

/** Ids of an owner: null is root. */
export function ownerIds(owner: Owner | null, users: User[], where: string): { uid: number; gid: number } {
  if (owner === null) return { uid: 0, gid: 0 };
  const { user, group } = owner;
  const known = users.find(({ name, uid }) => name === user || uid === user);
  const uid = typeof user === "number" ? user : known?.uid;
  if (uid === undefined)
    throw unknown(
      where,
      "user",
      user,
      users.map(({ name }) => name),
    );
  if (group === null) return { uid, gid: known?.gid ?? uid };
  const groups = groupIds(users);
  const gid = typeof group === "number" ? group : groups.get(group);
  if (gid === undefined) throw unknown(where, "group", group, [...groups.keys()]);
  return { uid, gid };
}

/** A rule with its owner's ids. */
export function permission(
  rule: { glob: string; mode: number | null; owner: Owner | null },
  users: User[],
): Permission {
  const { glob, mode, owner } = rule;
  if (owner === null) return { glob, mode, uid: null, gid: null };
  return { glob, mode, ...ownerIds(owner, users, `permissions."${glob}"`) };
}

function unknown(where: string, what: string, name: string | number, known: string[]): BuildError {
  const names = known.length > 0 ? `; known are ${known.join(", ")}` : "; no users are defined";
  return new BuildError(`${where}: no ${what} is called ${name}${names}`);
}
