/** The user that a container runs as, as ids: Kubernetes can check `runAsNonRoot` only for ids. */
import { existsSync, readFileSync } from "node:fs";
import type { Located } from "../attributes.ts";
import { groupIds, type Known } from "./users.ts";
import type { RootTree } from "./root-tree.ts";

interface Line {
  name: string;
  fields: string[];
}

/**
 * `user`, `user:group` or ids, as ids. The primary group's id is left out for a user with further groups: runtimes look up
 * further groups only if no group is named.
 */
export function userIds(written: string, known: Known, tree: RootTree): string | Located {
  const [user = "", group] = written.split(":");
  if (/^\d*$/.test(user) && /^\d*$/.test(group ?? "")) return written;
  const passwd = linesOf(tree, "/etc/passwd");
  const groups = linesOf(tree, "/etc/group");
  if (passwd === "unreadable" || groups === "unreadable") return written;
  const problem = (message: string): Located => ({ at: ["config", "user"], message });

  const line = passwd.find((each) => each.name === user || each.fields[2] === user);
  if (line === undefined && !/^\d+$/.test(user)) {
    const names = passwd.map(({ name }) => name);
    const instead = names.length > 0 ? `it has ${names.join(", ")}` : "nothing writes that file";
    return problem(
      `no container knows the user ${user}: it is not in /etc/passwd; ${instead}. ` +
        "Declare it in `users`, say `provide [ users ]` for root and nobody, or write its id",
    );
  }
  const uid = line?.fields[2] ?? user;
  if (group !== undefined) {
    const gid = /^\d+$/.test(group)
      ? group
      : (groups.find((each) => each.name === group)?.fields[2] ?? groupIds(known).get(group)?.toString());
    return gid === undefined
      ? problem(`no container knows the group ${group}: it is not in /etc/group`)
      : `${uid}:${gid}`;
  }
  const isMember = groups.some(({ fields }) => (fields[3] ?? "").split(",").includes(user));
  return line === undefined || isMember ? uid : `${uid}:${line.fields[3]}`;
}

function linesOf(tree: RootTree, path: string): Line[] | "unreadable" {
  const node = tree.find(path);
  if (node?.kind !== "leaf") return [];
  const { item } = node;
  const source = item.kind === "link" ? item.target : item.kind === "copy" ? item.source : "";
  // The packages of a foreign base cannot be read here.
  if (item.kind !== "text" && !existsSync(source)) return "unreadable";
  const text = item.kind === "text" ? item.text : readFileSync(source, "utf8");
  return text.split("\n").flatMap((line) => {
    const fields = line.split(":");
    return fields.length < 3 || fields[0] === "" ? [] : [{ name: fields[0] as string, fields }];
  });
}
