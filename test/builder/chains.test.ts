/** Random chains of images: their layers make the same file system as a simple model of the rules. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BuildError } from "../../src/builder/attributes.ts";
import { makeContent, NO_BASE, type ContentArguments } from "../../src/builder/content/make-content.ts";
import type { ContentFile } from "../../src/image/content-file.ts";
import { FileTree, type Node } from "../../src/image/file-tree.ts";
import { plainName, TarReader } from "../../src/layer/read-tar.ts";
import { layerChunks } from "../../src/layer/stream.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "imgc-chains-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

// --- Generators: few names, so that many entries have the same path.

type Tree = Record<string, string>;
const name = fc.constantFrom("a", "b", "c", "d");
const inTree = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
const tree: fc.Arbitrary<Tree> = fc.dictionary(inTree, fc.string({ maxLength: 3 }), { minKeys: 1, maxKeys: 4 });
const mode = fc.option(fc.constantFrom(0o600, 0o755, 0o1777, 0o640));
const owner = fc.option(fc.integer({ min: 1, max: 3 }));
const file = fc.oneof(
  fc.record({ kind: fc.constant("copy" as const), path: fc.oneof(path, fc.constant("/")), tree, mode, owner }),
  fc.record({ kind: fc.constant("text" as const), path, text: fc.string({ maxLength: 3 }), mode, owner }),
  fc.record({ kind: fc.constant("directory" as const), path: fc.oneof(path, fc.constant("/")), mode, owner }),
  fc.record({ kind: fc.constant("link" as const), path, target: fc.constantFrom("b", "../c", "/d", "/a/b"), owner }),
);
const image = fc.record({
  packages: fc.array(tree, { maxLength: 2 }),
  files: fc.uniqueArray(file, { maxLength: 4, selector: (each) => each.path }),
  rules: fc.array(fc.record({ glob: fc.constantFrom("/a/**", "/*", "/**/b", "/c"), mode, owner }), { maxLength: 1 }),
});
type Image = typeof image extends fc.Arbitrary<infer T> ? T : never;
type File = Image["files"][number];

/** Drops files with files below them: a path cannot be a file and a folder. */
function consistent(files: Tree): Tree {
  return Object.fromEntries(
    Object.entries(files).filter(([each]) => !Object.keys(files).some((other) => each.startsWith(`${other}/`))),
  );
}

// --- The model: a file system of plain nodes, into which all files are copied one after the other.

interface Plain {
  kind: "folder" | "file" | "link" | "package";
  /** A file's content, or a link's target. */
  text: string;
  mode: number;
  owner: number;
  children: Map<string, Plain>;
}

const plain = (kind: Plain["kind"], text = "", bits = 0o755, id = 0): Plain => {
  return { kind, text, mode: bits, owner: id, children: new Map() };
};

class Model {
  root = plain("folder");
  /** The package of the best priority first. */
  packages: Tree[] = [];

  apply({ packages, files, rules }: Image): void {
    const inherited = this.packages;
    this.packages = [...inherited, ...packages.map(consistent)];
    this.#withoutLinks(this.root);
    const links = plain("folder");
    for (const each of this.packages) {
      const isBase = inherited.includes(each);
      for (const [at, text] of Object.entries(each)) {
        const parts = at.split("/");
        const hidden = parts.findIndex((_, i) => {
          const found = this.find(`/${parts.slice(0, i + 1).join("/")}`);
          return found !== undefined && found.kind !== "folder";
        });
        if (!isBase || hidden < 0) this.#add(links, parts, plain("package", text));
        else this.#add(links, parts.slice(0, hidden), plain("folder"));
      }
    }
    this.#merge(this.root, links, "", false, false);
    const depth = (each: File) => each.path.split("/").filter((part) => part !== "").length;
    for (const each of files.toSorted((a, b) => depth(a) - depth(b))) this.#file(each);
    for (const { glob, mode: bits, owner: id } of rules) {
      // The folder in a glob may be a link.
      const folderA = this.find("/a");
      const named = folderA === undefined ? "/a" : this.#pathOf(folderA);
      const pattern = {
        "/a/**": new RegExp(`^${named}(/.*)?$`),
        "/*": /^\/[^/]*$/,
        "/**/b": /^\/(.*\/)?b$/,
        "/c": /^\/c$/,
      }[glob];
      this.#rule(this.root, "", pattern, glob !== "/c", bits, id);
    }
  }

  /** Files of packages of better priority stay. */
  #add(at: Plain, [first, ...rest]: string[], node: Plain): void {
    if (first === undefined || at.kind !== "folder") return;
    if (!at.children.has(first)) at.children.set(first, rest.length === 0 ? node : plain("folder"));
    this.#add(at.children.get(first) as Plain, rest, node);
  }

  #withoutLinks(at: Plain): void {
    for (const [each, child] of at.children) {
      if (child.kind === "package") at.children.delete(each);
      else this.#withoutLinks(child);
    }
  }

  #file(each: File): void {
    const id = each.owner ?? 0;
    if (each.kind === "text") this.#put(each.path, plain("file", each.text, each.mode ?? 0o644, id));
    else if (each.kind === "link") this.#put(each.path, plain("link", each.target, 0o777, id));
    else {
      const bits =
        each.mode === null ? 0o755 : each.kind === "copy" ? each.mode | ((each.mode & 0o444) >> 2) : each.mode;
      const top = plain("folder", "", bits, id);
      for (const [at, text] of each.kind === "copy" ? Object.entries(consistent(each.tree)) : []) {
        const parts = at.split("/");
        let into = top;
        for (const part of parts.slice(0, -1)) {
          if (!into.children.has(part)) into.children.set(part, plain("folder", "", bits, id));
          into = into.children.get(part) as Plain;
        }
        into.children.set(parts.at(-1) as string, plain("file", text, each.mode ?? 0o644, id));
      }
      const target = each.path === "/" ? this.root : this.find(each.path);
      if (target?.kind === "folder") this.#adopt(target, top, each.mode !== null, each.owner !== null);
      if (target?.kind === "folder") this.#merge(target, top, "", each.mode !== null, each.owner !== null, each.path);
      else this.#put(each.path, top);
    }
  }

  #adopt(target: Plain, from: Plain, hasMode: boolean, hasOwner: boolean): void {
    if (hasMode) target.mode = from.mode;
    if (hasOwner) target.owner = from.owner;
  }

  #merge(target: Plain, from: Plain, path_: string, hasMode: boolean, hasOwner: boolean, base = ""): void {
    const prefix = base === "/" ? "" : base;
    for (const [each, child] of from.children) {
      const at = `${path_}/${each}`;
      const existing = this.find(`${prefix}${at}`);
      if (child.kind === "folder" && existing?.kind === "folder") {
        this.#adopt(existing, child, hasMode, hasOwner);
        this.#merge(existing, child, at, hasMode, hasOwner, base);
      } else if (child.kind === "folder" && target.children.get(each)?.kind === "link" && existing === undefined) {
        this.#put(`${prefix}${at}`, child, true);
      } else target.children.set(each, child);
    }
  }

  /** Puts a node below links; a folder replaces the missing target of a link. */
  #put(at: string, node: Plain, through = node.kind === "folder"): void {
    const parts = at.split("/").filter((part) => part !== "");
    const parent = this.#walk(parts.slice(0, -1), true) as Plain;
    const last = parts.at(-1) as string;
    const existing = parent.children.get(last);
    if (through && existing?.kind === "link" && this.find(at) === undefined) {
      const spot = this.#end(parts);
      if (spot !== undefined) return void spot.parent.children.set(spot.name, node);
    }
    parent.children.set(last, node);
  }

  find(at: string): Plain | undefined {
    return this.#walk(at.split("/"), false);
  }

  #end(parts: string[]): { parent: Plain; name: string } | undefined {
    let left = parts;
    for (let i = 0; i < 50; i++) {
      const parent = this.#walk(left.slice(0, -1), true);
      const last = left.at(-1);
      if (parent === undefined || last === undefined) return undefined;
      const node = parent.children.get(last);
      if (node?.kind !== "link") return { parent, name: last };
      left = (node.text.startsWith("/") ? node.text : `${this.#pathOf(parent)}/${node.text}`)
        .split("/")
        .filter((part) => part !== "");
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

  #rule(node: Plain, at: string, pattern: RegExp, isWild: boolean, bits: number | null, id: number | null): void {
    if (pattern.test(at === "" ? "/" : at)) {
      const opens = isWild && bits !== null && (bits & 0o111) === 0 && node.kind === "folder";
      if (bits !== null && (node.kind === "folder" || node.kind === "file")) {
        node.mode = opens ? bits | ((bits & 0o444) >> 2) : bits;
      }
      if (id !== null) node.owner = id;
    }
    for (const [each, child] of node.children) this.#rule(child, `${at}/${each}`, pattern, isWild, bits, id);
  }

  /** Whether a folder has files of packages: it may be a link into the store, or a folder of links. */
  isOfPackages(at: string): boolean {
    return this.packages.some((each) => Object.keys(each).some((below) => `/${below}`.startsWith(`${at}/`)));
  }

  lines(): string[] {
    const found: string[] = [];
    const visit = (node: Plain, at: string): void => {
      if (node.kind === "package") found.push(`${at} package ${node.text}`);
      else found.push(`${at || "/"} ${node.kind} ${node.mode.toString(8)} ${node.owner} ${node.text}`);
      for (const [each, child] of node.children) visit(child, `${at}/${each}`);
    };
    visit(this.root, "");
    return found.toSorted();
  }
}

// --- The image: contents from the builder, written as layers, and read back.

let count = 0;

function write(files: Tree, at: string): string {
  mkdirSync(at, { recursive: true });
  for (const [each, text] of Object.entries(consistent(files))) {
    mkdirSync(dirname(join(at, each)), { recursive: true });
    writeFileSync(join(at, each), text);
  }
  return at;
}

function made({ packages, files, rules }: Image, store: string, base: ContentFile): ContentFile {
  const args: ContentArguments = {
    packages: packages.map((each, index) => {
      return { path: write(each, join(store, String(++count))), priority: count, index };
    }),
    files: files.map((each) => ({
      path: each.path,
      kind: each.kind,
      from:
        each.kind === "copy"
          ? write(each.tree, join(folder, `copy-${++count}`))
          : each.kind === "text"
            ? each.text
            : each.kind === "link"
              ? each.target
              : "",
      mode: each.kind === "link" ? null : each.mode,
      owner: each.owner === null ? null : { user: each.owner, group: each.owner },
      capabilities: [],
      modes: null,
      isAsked: true,
    })),
    users: [],
    groups: [],
    extendedEnv: [],
    provideUsers: false,
    permissions: rules.map((each) => ({
      ...each,
      capabilities: [],
      owner: each.owner === null ? null : { user: each.owner, group: each.owner },
    })),
    config: {},
    nix: null,
  };
  return makeContent(base, args, store);
}

function unpack(contents: ContentFile[]): FileTree {
  const read = new FileTree();
  for (const [i, { entries }] of contents.entries()) {
    const reader = new TarReader((entry) => {
      const parts = plainName(entry.name)
        .split("/")
        .filter((part) => part !== "");
      expect(read.add(i, entry, parts)).toBeUndefined();
      return read.keep(parts, entry.size);
    });
    for (const chunk of layerChunks({ paths: [], entries, permissions: [] })) reader.push(chunk);
    reader.end();
  }
  return read;
}

function linesOf(read: FileTree, store: string): string[] {
  const found: string[] = [];
  const packaged = (source: string, at: string): void => {
    if (!existsSync(source)) found.push(`${at} dangling`);
    else if (statSync(source).isDirectory()) {
      found.push(`${at} folder 755 0 `);
      for (const each of readdirSync(source)) packaged(join(source, each), `${at}/${each}`);
    } else found.push(`${at} package ${Buffer.from(readFileSync(source)).toString("latin1")}`);
  };
  const visit = (node: Node, at: string): void => {
    if (node.kind === "symlink" && node.target.startsWith(`${store}/`)) return packaged(node.target, at);
    const kind = { directory: "folder", file: "file", symlink: "link", other: "other" }[node.kind];
    found.push(
      `${at || "/"} ${kind} ${node.mode.toString(8)} ${node.uid} ${node.target || (node.contents?.toString("latin1") ?? "")}`,
    );
    for (const [each, child] of node.children) visit(child, `${at}/${each}`);
  };
  visit(read.root, "");
  return found.toSorted();
}

test("the layers of a chain make the file system that the rules describe", () => {
  let built = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(image, { minLength: 1, maxLength: 4 }), (images) => {
      const store = join(folder, "store");
      const model = new Model();
      const contents: ContentFile[] = [];
      const used: Image[] = [];
      for (const each of images) {
        try {
          contents.push(made(each, store, contents.at(-1) ?? NO_BASE));
        } catch (error) {
          if (!(error instanceof BuildError)) throw error;
          refused++;
          continue;
        }
        built++;
        used.push(each);
        model.apply(each);
      }
      const comparable = (lines: string[]) =>
        lines.map((line) => {
          const [at = "", kind] = line.split(" ");
          return kind === "folder" && model.isOfPackages(at) ? `${at} folder` : line;
        });
      expect(comparable(linesOf(unpack(contents), store))).toEqual(comparable(model.lines()));
    }),
    { numRuns: 150 },
  );
  expect(built).toBeGreaterThan(refused / 2);
});
