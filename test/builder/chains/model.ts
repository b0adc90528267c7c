/** A simple model of the rules: a file system into which all files are put, one after the other. */
import type { File, Foreign, Image, Rule, Tree } from "./images.ts";

interface Plain {
  kind: "folder" | "file" | "link" | "package" | "other";
  /** A file's content, or a link's target. */
  text: string;
  mode: number;
  uid: number;
  gid: number;
  capabilities: string;
  children: Map<string, Plain>;
  /** Whether it is a package's folder, which an image has as a folder or as a link into the store. */
  isOfPackages?: boolean;
}

interface Attributes {
  mode?: number;
  uid?: number;
  gid?: number;
  capabilities?: readonly string[];
}

function plain(kind: Plain["kind"], text = "", { mode = 0o755, uid = 0, gid = 0, capabilities = [] }: Attributes = {}) {
  const node: Plain = { kind, text, mode, uid, gid, capabilities: capabilities.toSorted().join(), children: new Map() };
  return node;
}

/** A package. `removed`: its files that an image removed, each with the number of folders above that remain. */
interface Package {
  tree: Tree;
  removed: Map<string, number>;
}

type Put = Exclude<File, { kind: "remove" }>;

export class Model {
  readonly root = plain("folder");
  /** The package of the best priority first. */
  readonly #packages: Package[] = [];
  readonly #groups = new Map<string, number>();

  constructor(base: Foreign[]) {
    const first = base.find(({ kind }) => kind === "text");
    for (const each of base) {
      const named = each.kind === "same" ? (first as typeof each) : each;
      const node = foreignNode(named);
      const parts = partsOf(each.path);
      const parent = this.#walk(parts.slice(0, -1), true) as Plain;
      const existing = parent.children.get(parts.at(-1) as string);
      if (existing !== undefined) node.children = existing.children;
      parent.children.set(parts.at(-1) as string, node);
    }
  }

  /** The paths of all files and folders that a removal may name. */
  get paths(): string[] {
    return this.lines()
      .map((line) => line.split(" ")[0] as string)
      .filter((path) => /^\/[abcö]/.test(path));
  }

  get groups(): ReadonlySet<string> {
    return new Set(this.#groups.keys());
  }

  apply({ packages, again, files, groups, rules }: Image): void {
    const inherited = [...this.#packages];
    const linked = this.#links();
    this.#withoutLinks(this.root);
    const removals = files.filter(({ kind }) => kind === "remove").map((each) => this.#followed(each.path));
    for (const { tree, removed } of inherited) {
      for (const at of Object.keys(tree)) {
        const parts = at.split("/");
        const left = parts.findIndex((_, i) => {
          const above = `/${parts.slice(0, i + 1).join("/")}`;
          // Links are followed as they are before the removals.
          return removals.some((each) => isWithin(this.#followed(above), each) || isWithin(above, each));
        });
        if (left >= 0) removed.set(at, Math.min(left, removed.get(at) ?? left));
      }
    }
    const kept = linked.filter(({ at }) => !removals.some((each) => isWithin(at, each)));
    for (const each of removals) this.#remove(each);
    for (const number of again) this.#packages[number % this.#packages.length]?.removed.clear();
    this.#packages.push(...packages.map((tree) => ({ tree, removed: new Map<string, number>() })));

    const links = plain("folder");
    for (const each of this.#packages) {
      for (const [at, text] of Object.entries(each.tree)) {
        const parts = at.split("/");
        const left = each.removed.get(at);
        if (left !== undefined) {
          this.#add(links, parts.slice(0, left), plain("folder"));
          continue;
        }
        const hidden = parts.findIndex((_, i) => {
          if (i === parts.length - 1) return this.#at(this.#followed(`/${at}`)) !== undefined;
          const found = this.#find(`/${parts.slice(0, i + 1).join("/")}`);
          return found !== undefined && found.kind !== "folder";
        });
        if (!inherited.includes(each) || hidden < 0) this.#add(links, parts, plain("package", text));
        else this.#add(links, parts.slice(0, hidden), plain("folder"));
      }
    }
    mark(links);
    this.#merge(this.root, links, "", {});
    // A link of the base through which packages were linked may have another target now.
    for (const { at, node } of kept) {
      const parent = this.#walk(partsOf(at).slice(0, -1), true);
      const last = partsOf(at).at(-1) as string;
      if (parent?.kind === "folder" && !parent.children.has(last)) parent.children.set(last, node);
    }
    this.#userFiles(groups);
    const puts = files.filter((each): each is Put => each.kind !== "remove");
    for (const each of puts.toSorted((a, b) => partsOf(a.path).length - partsOf(b.path).length)) this.#file(each);
    for (const each of rules) this.#rule(each);
  }

  lines(): string[] {
    const found: string[] = [];
    const visit = (node: Plain, at: string): void => {
      if (node.kind === "package") found.push(`${at} package ${node.text}`);
      else found.push(lineOf(at, node, node.mode, node.capabilities));
      for (const [each, child] of node.children) visit(child, `${at}/${each}`);
    };
    visit(this.root, "");
    return found.toSorted();
  }

  /** Whether a folder is or was a package's, so that its attributes are not compared. */
  isOfPackages(at: string): boolean {
    return this.#at(at)?.isOfPackages === true;
  }

  /** The links to packages, with their paths. */
  #links(): { at: string; node: Plain }[] {
    const found: { at: string; node: Plain }[] = [];
    const visit = (node: Plain, at: string): void => {
      if (node.kind === "package") found.push({ at, node });
      for (const [each, child] of node.children) visit(child, `${at}/${each}`);
    };
    visit(this.root, "");
    return found;
  }

  #withoutLinks(at: Plain): void {
    for (const [each, child] of at.children) {
      if (child.kind === "package") at.children.delete(each);
      else this.#withoutLinks(child);
    }
  }

  /** Files of packages of better priority stay. */
  #add(at: Plain, [first, ...rest]: string[], node: Plain): void {
    if (first === undefined || at.kind !== "folder") return;
    if (!at.children.has(first)) at.children.set(first, rest.length === 0 ? node : plain("folder"));
    this.#add(at.children.get(first) as Plain, rest, node);
  }

  #remove(at: string): void {
    const parts = partsOf(at);
    this.#at(`/${parts.slice(0, -1).join("/")}`)?.children.delete(parts.at(-1) as string);
  }

  /** The user files, which list the groups. */
  #userFiles(groups: Image["groups"]): void {
    if (groups.length === 0) return;
    for (const { name, gid } of groups) this.#groups.set(name, gid);
    for (const [name, gid] of [
      ["root", 0],
      ["nogroup", 65534],
    ] as const) {
      if (!this.#groups.has(name)) this.#groups.set(name, gid);
    }
    const lines = [...this.#groups].map(([name, gid]) => `${name}:x:${gid}:\n`).join("");
    const passwd = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/var/empty:/bin/false\n";
    const file = (text: string) => plain("file", text, { mode: 0o644 });
    this.#put("/etc/passwd", file(passwd));
    this.#put("/etc/group", file(lines));
    this.#put("/etc/nsswitch.conf", file("passwd: files\ngroup: files\nhosts: files dns\n"));
    if (this.#find("/root") === undefined) this.#put("/root", plain("folder", "", { mode: 0o700 }));
  }

  #ids(owner: File extends infer F ? (F extends { owner: infer O } ? O : never) : never): {
    uid?: number;
    gid?: number;
  } {
    if (owner === null) return {};
    const { user, group } = owner;
    const gid = typeof group === "string" ? (this.#groups.get(group) as number) : (group ?? user);
    return { uid: user, gid };
  }

  #file(each: Put): void {
    const ids = this.#ids(each.owner);
    switch (each.kind) {
      case "text": {
        const { mode, capabilities } = each;
        return this.#put(each.path, plain("file", each.text, { mode: mode ?? 0o644, capabilities, ...ids }));
      }
      case "link":
        return this.#put(each.path, plain("link", each.target, { mode: 0o777, ...ids }));
      case "directory":
        return this.#folder(
          each.path,
          plain("folder", "", { ...(each.mode === null ? {} : { mode: each.mode }), ...ids }),
          {
            ...(each.mode === null ? {} : { mode: true }),
            ...(each.owner === null ? {} : { owner: true }),
          },
        );
      case "copy":
      case "extract": {
        const mode = each.kind === "copy" ? each.mode : null;
        const modes = each.kind === "extract" ? each.modes : {};
        const capabilities = each.kind === "copy" ? each.capabilities : [];
        const folderOf = (at: string) =>
          plain("folder", "", { mode: modes[at] ?? (mode === null ? 0o755 : mode | ((mode & 0o444) >> 2)), ...ids });
        const top = folderOf("");
        for (const [at, text] of Object.entries(each.tree)) {
          const parts = at.split("/");
          let into = top;
          for (const [i, part] of parts.slice(0, -1).entries()) {
            if (!into.children.has(part)) into.children.set(part, folderOf(parts.slice(0, i + 1).join("/")));
            into = into.children.get(part) as Plain;
          }
          const attributes = { mode: modes[at] ?? mode ?? 0o644, capabilities, ...ids };
          into.children.set(parts.at(-1) as string, plain("file", text, attributes));
        }
        const explicit = { mode: mode !== null, owner: each.owner !== null };
        // Only rules change the root's mode.
        const named = Object.keys(modes).filter((at) => at !== "" || each.path !== "/");
        return this.#folder(each.path, top, { ...explicit, modes: new Set(named) });
      }
    }
  }

  #folder(at: string, node: Plain, explicit: Explicit): void {
    const target = at === "/" ? this.root : this.#find(at);
    if (target?.kind !== "folder") return this.#put(at, node);
    adopt(target, node, explicit, "");
    this.#merge(target, node, "", explicit, at);
  }

  #merge(target: Plain, from: Plain, below: string, explicit: Explicit, base = ""): void {
    const prefix = base === "/" ? "" : base;
    for (const [each, child] of from.children) {
      const at = `${below}/${each}`;
      const existing = this.#find(`${prefix}${at}`);
      if (child.kind === "folder" && existing?.kind === "folder") {
        adopt(existing, child, explicit, at.slice(1));
        this.#merge(existing, child, at, explicit, base);
      } else if (child.kind === "folder" && target.children.get(each)?.kind === "link" && existing === undefined) {
        this.#put(`${prefix}${at}`, child, true);
      } else target.children.set(each, child);
    }
  }

  /** Puts a node below links; a folder replaces the missing target of a link. */
  #put(at: string, node: Plain, through = node.kind === "folder"): void {
    const parts = partsOf(at);
    const parent = this.#walk(parts.slice(0, -1), true) as Plain;
    const last = parts.at(-1) as string;
    const existing = parent.children.get(last);
    if (through && existing?.kind === "link" && this.#find(at) === undefined) {
      const spot = this.#end(parts);
      if (spot !== undefined) return void spot.parent.children.set(spot.name, node);
    }
    parent.children.set(last, node);
  }

  #rule({ glob, mode, owner, capabilities }: Rule): void {
    // The folder in a glob may be a link.
    const folder = this.#find("/a");
    const named = folder === undefined ? "/a" : this.#pathOf(folder);
    const pattern = {
      "/a/**": new RegExp(`^${named}(/.*)?$`),
      "/*": /^\/[^/]*$/,
      "/**/b": /^\/(.*\/)?b$/,
      "/c": /^\/c$/,
    }[glob];
    const { uid, gid } = this.#ids(owner);
    const visit = (node: Plain, at: string): void => {
      if (pattern.test(at === "" ? "/" : at)) {
        const opens = glob !== "/c" && mode !== null && (mode & 0o111) === 0 && node.kind === "folder";
        if (mode !== null && ["folder", "file", "other"].includes(node.kind)) {
          node.mode = opens ? mode | ((mode & 0o444) >> 2) : mode;
        }
        node.uid = uid ?? node.uid;
        node.gid = gid ?? node.gid;
        if (capabilities.length > 0 && node.kind === "file") node.capabilities = capabilities.toSorted().join();
      }
      for (const [each, child] of node.children) visit(child, `${at}/${each}`);
    };
    visit(this.root, "");
  }

  #find(at: string): Plain | undefined {
    return this.#walk(at.split("/"), false);
  }

  /** The node at a path, without following links. */
  #at(at: string): Plain | undefined {
    let node: Plain | undefined = this.root;
    for (const part of partsOf(at)) node = node?.children.get(part);
    return node;
  }

  /** A path with the links of its folders followed; missing folders count as folders. */
  #followed(at: string): string {
    const left = partsOf(at).toReversed();
    let trail: string[] = [];
    for (let steps = 0; left.length > 0 && steps < 200; steps++) {
      const part = left.pop() as string;
      if (part === "..") {
        trail.pop();
        continue;
      }
      const node = this.#at(`/${[...trail, part].join("/")}`);
      if (node?.kind === "link" && left.length > 0) {
        if (node.text.startsWith("/")) trail = [];
        left.push(...partsOf(node.text).toReversed());
      } else trail.push(part);
    }
    return `/${trail.join("/")}`;
  }

  #end(parts: string[]): { parent: Plain; name: string } | undefined {
    let left = parts;
    for (let i = 0; i < 50; i++) {
      const parent = this.#walk(left.slice(0, -1), true);
      const last = left.at(-1);
      if (parent?.kind !== "folder" || last === undefined) return undefined;
      const node = parent.children.get(last);
      if (node?.kind !== "link") return { parent, name: last };
      left = partsOf(node.text.startsWith("/") ? node.text : `${this.#pathOf(parent)}/${node.text}`);
    }
    return undefined;
  }

  #pathOf(node: Plain): string {
    const search = (at: Plain, where: string): string | undefined => {
      if (at === node) return where;
      for (const [each, child] of at.children) {
        const found = search(child, `${where}/${each}`);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return search(this.root, "") ?? "";
  }

  #walk(parts: string[], make: boolean): Plain | undefined {
    const left = parts.toReversed();
    let trail: Plain[] = [];
    for (let steps = 0; left.length > 0; steps++) {
      if (steps > 200) return undefined;
      const part = left.pop() as string;
      if (part === "" || part === ".") continue;
      if (part === "..") {
        trail.pop();
        continue;
      }
      const parent: Plain = trail.at(-1) ?? this.root;
      let node = parent.children.get(part);
      if (node === undefined && make && parent.kind === "folder") parent.children.set(part, (node = plain("folder")));
      if (node === undefined) return undefined;
      if (node.kind === "link") {
        if (node.text.startsWith("/")) trail = [];
        left.push(...node.text.split("/").toReversed());
      } else trail.push(node);
    }
    return trail.at(-1) ?? this.root;
  }
}

/** The attributes that an entry sets on existing folders. */
interface Explicit {
  mode?: boolean;
  owner?: boolean;
  /** Paths below the entry's folder whose modes are set. */
  modes?: ReadonlySet<string>;
}

function adopt(target: Plain, from: Plain, explicit: Explicit, at: string): void {
  if (explicit.mode === true || explicit.modes?.has(at) === true) target.mode = from.mode;
  if (explicit.owner === true) [target.uid, target.gid] = [from.uid, from.gid];
  if (from.isOfPackages === true) target.isOfPackages = true;
}

/** Marks all folders of a tree as folders of packages. */
function mark(node: Plain): void {
  if (node.kind === "folder") node.isOfPackages = true;
  for (const child of node.children.values()) mark(child);
}

function foreignNode(each: Foreign): Plain {
  if (each.kind === "same") throw new Error("a hard link has the attributes of its file");
  const { uid, gid } = each;
  if (each.kind === "link") return plain("link", each.target, { mode: 0o777, uid, gid });
  const { mode } = each;
  if (each.kind === "text") return plain("file", each.text, { mode, uid, gid });
  return plain(each.kind === "pipe" ? "other" : "folder", "", { mode, uid, gid });
}

/** A node as a line that can be compared. */
export function lineOf(
  at: string,
  { kind, uid, gid, text }: { kind: string; uid: number; gid: number; text: string },
  mode: number,
  capabilities: string,
): string {
  return `${at || "/"} ${kind} ${mode.toString(8)} ${uid}:${gid} ${capabilities} ${text}`;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
