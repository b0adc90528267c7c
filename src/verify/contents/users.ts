/** Reads and checks the users of an image in /etc/passwd and /etc/group. */
import type { Findings } from "../findings.ts";
import type { FileTree } from "../../image/file-tree.ts";

/** A well-formed line: the right number of fields, with numbers as ids. */
const PASSWD_LINE = /^[^:]+:[^:]*:\d+:\d+:[^:]*:[^:]*:[^:]*$/;
const GROUP_LINE = /^[^:]+:[^:]*:\d+:[^:]*$/;

interface Line {
  name: string;
  fields: string[];
}

/** The ids of a container's user. */
export interface Identity {
  uid: number;
  /** The primary group first. */
  gids: Set<number>;
}

export class Users {
  readonly #passwd: Line[] | undefined;
  readonly #group: Line[] | undefined;
  readonly #findings: Findings;

  /** Malformed lines are findings. The files may be missing. */
  constructor(findings: Findings, tree: FileTree) {
    this.#findings = findings;
    this.#passwd = this.#read(tree, "/etc/passwd", PASSWD_LINE);
    this.#group = this.#read(tree, "/etc/group", GROUP_LINE);
  }

  /** Checks that every user's primary group is known, and that every member of a group is a user. */
  check(): void {
    if (this.#passwd === undefined || this.#group === undefined) return;
    const groups = new Set(this.#group.map(({ fields }) => Number(fields[2])));
    for (const { name, fields } of this.#passwd) {
      if (groups.has(Number(fields[3]))) continue;
      this.#findings.add(`/etc/passwd: ${name} is in the group ${fields[3]}, which is not in /etc/group`);
    }
    const users = new Set(this.#passwd.map(({ name }) => name));
    for (const { name, fields } of this.#group) {
      const unknown = (fields[3] ?? "").split(",").find((member) => member !== "" && !users.has(member));
      if (unknown !== undefined) {
        this.#findings.add(`/etc/group: ${unknown} is a member of ${name}, but not a user in /etc/passwd`);
      }
    }
  }

  /** The ids of the config's `User` (`user`, `uid`, `user:group`, `uid:gid`…); unknown names are findings. */
  identity(user: string): Identity | undefined {
    const [given = "", group] = user.split(":");
    const name = given || "0";
    const line = this.#passwd?.find((each) => each.name === name || each.fields[2] === name);
    if (line === undefined && !/^\d+$/.test(name)) {
      this.#findings.add(`config: the user ${name} is not in /etc/passwd${this.#known(this.#passwd)}`);
      return undefined;
    }
    const groupLine = this.#group?.find((each) => each.name === group || each.fields[2] === group);
    if (group !== undefined && groupLine === undefined && !/^\d+$/.test(group)) {
      this.#findings.add(`config: the group ${group} is not in /etc/group${this.#known(this.#group)}`);
      return undefined;
    }
    const uid = Number(line?.fields[2] ?? name);
    if (group !== undefined) return { uid, gids: new Set([Number(groupLine?.fields[2] ?? group)]) };
    if (line === undefined) return { uid, gids: new Set([0]) };
    const memberOf = (this.#group ?? []).filter(({ fields }) => (fields[3] ?? "").split(",").includes(line.name));
    return { uid, gids: new Set([line.fields[3], ...memberOf.map(({ fields }) => fields[2])].map(Number)) };
  }

  #known(lines: Line[] | undefined): string {
    return lines === undefined
      ? "; the image has no such file"
      : `; it has ${lines.map(({ name }) => name).join(", ")}`;
  }

  #read(tree: FileTree, path: string, form: RegExp): Line[] | undefined {
    const found = tree.resolve(path);
    if (!("node" in found) || found.node.contents === undefined) return undefined;
    const lines: Line[] = [];
    const names = new Set<string>();
    for (const text of found.node.contents.toString().split("\n")) {
      if (text === "" || text.startsWith("#")) continue;
      const colon = text.indexOf(":");
      const name = colon < 0 ? text : text.slice(0, colon);
      if (!form.test(text)) this.#findings.add(`${path} has a malformed line: ${text}`);
      else if (names.has(name)) this.#findings.add(`${path} has ${name} twice`);
      else lines.push({ name, fields: text.split(":") });
      names.add(name);
    }
    return lines;
  }
}
