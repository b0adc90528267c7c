/** Converts the container's user to ids: Kubernetes can check `runAsNonRoot` only for ids. */
import { existsSync, readFileSync } from "node:fs";
import type { Located } from "../build-error.ts";
import { targetOutside } from "./in-store.ts";
import { groupIds, type Group, type Known } from "./users.ts";
import type { RootTree } from "./root-tree.ts";

interface Line {
  name: string;
  fields: string[];
}

/**
 * Converts `user`, `user:group` or ids to ids. The primary group's id is left out for a user with more groups: runtimes look up
 * these only if no group is named. Returns names unchanged if the image's user files cannot be read here.
 */
export function userIds(setting: string, known: Known, tree: RootTree): string | Located {
  const [user = "", group] = setting.split(":");
  if (/^\d*$/.test(user) && /^\d*$/.test(group ?? "")) return setting;
  const passwd = linesOf(tree, "/etc/passwd");
  const groups = linesOf(tree, "/etc/group");
  if (passwd === "unreadable" || groups === "unreadable") return setting;
  const problem = (message: string): Located => ({ at: ["config", "user"], message });

  const line = passwd.find((each) => each.name === user || each.fields[2] === user);
  if (line === undefined && !/^\d+$/.test(user)) {
    const names = passwd.map(({ name }) => name);
    const listed = names.length > 0 ? names.join(", ") : "no user";
    return problem(
      `the user ${user} is not in the image's /etc/passwd, which lists ${listed}: ` +
        `declare ${user} in \`users\`, add \`provide [ users ]\` for root and nobody, or write an id`,
    );
  }
  const uid = line?.fields[2] ?? user;
  if (group !== undefined) {
    const gid = /^\d+$/.test(group)
      ? group
      : (groups.find((each) => each.name === group)?.fields[2] ?? groupIds(known).get(group)?.toString());
    return gid === undefined ? problem(`the group ${group} is not in the image's /etc/group`) : `${uid}:${gid}`;
  }
  const isMember = groups.some(({ fields }) => (fields[3] ?? "").split(",").includes(user));
  return line === undefined || isMember ? uid : `${uid}:${line.fields[3]}`;
}

/** Findings for members of groups that the image's /etc/passwd does not list. */
export function unknownMembers(groups: Group[], tree: RootTree): Located[] {
  const passwd = linesOf(tree, "/etc/passwd");
  if (passwd === "unreadable") return [];
  const names = passwd.map(({ name }) => name);
  return groups.flatMap(({ name, members }) =>
    members.flatMap((member, i): Located[] => {
      if (names.includes(member)) return [];
      const message = `the user ${member} is not in the image's /etc/passwd, which lists ${names.join(", ")}: declare ${member} in \`users\``;
      return [{ at: ["groups", name, "members", i], message }];
    }),
  );
}

function linesOf(tree: RootTree, path: string): Line[] | "unreadable" {
  const node = tree.find(path);
  if (node?.kind !== "leaf") return [];
  const { item } = node;
  const source = item.kind === "link" ? item.target : item.kind === "copy" ? item.source : "";
  // The packages of a foreign base cannot be read here, nor can the image's files to which a link out of the store leads.
  const isKnown = existsSync(source) && targetOutside(source, tree.storeDir) === undefined;
  if (item.kind !== "text" && !isKnown) return "unreadable";
  const text = item.kind === "text" ? item.text : readFileSync(source, "utf8");
  return text.split("\n").flatMap((line) => {
    const fields = line.split(":");
    return fields.length < 3 || fields[0] === "" ? [] : [{ name: fields[0] as string, fields }];
  });
}
