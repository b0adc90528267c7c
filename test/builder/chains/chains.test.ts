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
import { BuildError } from "../../../src/builder/build-error.ts";
import { contentsPath } from "../../../src/builder/base/contents.ts";
import { baseFiles, otherFiles, watchLayer } from "../../../src/builder/base/files.ts";
import {
  makeContent,
  NO_BASE,
  type ContentArguments,
  type OtherFiles,
} from "../../../src/builder/content/make-content.ts";
import type { ContentFile } from "../../../src/image/content-file.ts";
import { FileTree, type Node } from "../../../src/image/file-tree.ts";
import { plainName, TarReader } from "../../../src/layer/read-tar.ts";
import type { RootEntry } from "../../../src/layer/recipe.ts";
import { layerChunks } from "../../../src/layer/stream.ts";
import { readCapabilityAttribute } from "../../util/read-capabilities.ts";
import { chain, settled, type Foreign, type Image, type Tree } from "./images.ts";
import { lineOf, Model } from "./model.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "imgc-chains-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

function write(files: Tree, at: string): string {
  mkdirSync(at, { recursive: true });
  for (const [each, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, each)), { recursive: true });
    writeFileSync(join(at, each), text);
  }
  return at;
}

/** Converts keys to Latin-1, the form of names in modes.json. */
function latin1Keys(modes: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(modes).map(([at, mode]) => [Buffer.from(at).toString("latin1"), mode]));
}

function decoded(name: string): string {
  return Buffer.from(name, "latin1").toString();
}

function writeJson(value: object): string {
  const file = join(folder, `modes-${++count}`);
  writeFileSync(file, JSON.stringify(value));
  return file;
}

interface Below {
  content: ContentFile;
  other: OtherFiles;
  /** Packages of all images so far. */
  packages: ContentArguments["packages"];
}

function fileArgument(each: Image["files"][number]): ContentArguments["files"][number] {
  const from = {
    copy: () => write((each as { tree: Tree }).tree, join(folder, `copy-${++count}`)),
    extract: () => write((each as { tree: Tree }).tree, join(folder, `copy-${++count}`)),
    text: () => (each as { text: string }).text,
    link: () => (each as { target: string }).target,
    directory: () => "",
    remove: () => "",
  }[each.kind]();
  return {
    path: each.path,
    kind: each.kind === "extract" ? "copy" : each.kind,
    from,
    mode: "mode" in each ? each.mode : null,
    owner: "owner" in each ? each.owner : null,
    capabilities: "capabilities" in each ? each.capabilities : [],
    modes: each.kind === "extract" ? writeJson(latin1Keys(each.modes)) : null,
    isAsked: true,
  };
}

function made({ packages, again, files, groups, rules }: Image, store: string, below: Below): Below {
  const named = again.flatMap((number) => below.packages[number % below.packages.length] ?? []);
  const added = packages.map((tree) => ({ path: write(tree, join(store, String(++count))), priority: count }));
  const args: ContentArguments = {
    packages: [...named, ...added].map((each, index) => ({ ...each, index })),
    files: files.map(fileArgument),
    users: [],
    groups: groups.map((each) => ({ ...each, members: [] })),
    extendedEnv: [],
    provideUsers: false,
    permissions: rules,
    config: {},
    nix: null,
  };
  const content = makeContent(below.content, args, store, undefined, below.other);
  return { ...below, content, packages: [...below.packages, ...added.map((each) => ({ ...each, index: null }))] };
}

/** A foreign base as its derivation describes it, and its layer. */
function foreign(files: Foreign[]): { below: Below; layer: Buffer } {
  const first = files.find(({ kind }) => kind === "text")?.path ?? "";
  const kept = { mtime: "5", records: { "SCHILY.xattr.user.a": "Yg==" } };
  const entries = files.map((each): RootEntry => {
    const { kind, path } = each;
    const source = join(folder, `foreign-${count}`);
    switch (kind) {
      case "same":
        return {
          ...(files.find((other) => other.path === first) as object),
          kind: "copy",
          path,
          source,
          sameAs: first,
        } as RootEntry;
      case "pipe":
        return { ...each, kind: "device", device: "pipe", major: 0, minor: 0, kept };
      default:
        return { ...each, kept };
    }
  });
  writeFileSync(join(folder, `foreign-${count}`), "");
  const sane = entries.map((entry) => {
    const { text: _, ...rest } = entry as { text?: string } & RootEntry;
    return (entry.kind === "copy" ? rest : entry) as RootEntry;
  });
  const layer = Buffer.concat(
    [...layerChunks({ paths: [], entries: sane, permissions: [] })].map((chunk) => Buffer.from(chunk)),
  );
  const tree = new FileTree({ keepsAll: true });
  watchLayer(tree, 0).push(layer);
  const root = baseFiles(tree);
  const other = { files: otherFiles(tree, root), folder: join(folder, `contents-${++count}`) };
  mkdirSync(other.folder);
  for (const file of other.files) {
    if (file.kind !== "file") continue;
    writeFileSync(contentsPath(other.folder, file), layer.subarray(file.offset, file.offset + file.size));
  }
  return { below: { content: { ...NO_BASE, root }, other, packages: [] }, layer };
}

function unpack(layers: (Buffer | ContentFile)[]): FileTree {
  const read = new FileTree();
  for (const [i, layer] of layers.entries()) {
    const reader = new TarReader((entry) => {
      const parts = plainName(entry.name)
        .split("/")
        .filter((part) => part !== "");
      expect(read.add(i, entry, parts)).toBeUndefined();
      return read.keep(parts, entry.size);
    });
    const chunks = Buffer.isBuffer(layer)
      ? [layer]
      : layerChunks({ paths: [], entries: layer.entries, permissions: [] });
    for (const chunk of chunks) reader.push(chunk);
    reader.end();
  }
  return read;
}

function linesOf(read: FileTree, store: string): string[] {
  const found: string[] = [];
  const packaged = (source: string, at: string): void => {
    if (!existsSync(source)) found.push(`${at} leads nowhere`);
    else if (statSync(source).isDirectory()) {
      found.push(`${at} folder`);
      for (const each of readdirSync(source)) packaged(join(source, each), `${at}/${each}`);
    } else found.push(`${at} package ${Buffer.from(readFileSync(source)).toString("latin1")}`);
  };
  const visit = (node: Node, at: string): void => {
    if (node.kind === "symlink" && decoded(node.target).startsWith(`${store}/`))
      return packaged(decoded(node.target), at);
    const kind = { directory: "folder", file: "file", symlink: "link", other: "other" }[node.kind];
    const text = decoded(node.target) || (node.contents?.toString("latin1") ?? "");
    const capabilities = (readCapabilityAttribute(node.capability ?? "") ?? []).toSorted().join();
    found.push(lineOf(at, { ...node, kind, text }, node.mode, capabilities));
    for (const [each, child] of node.children) visit(child, `${at}/${decoded(each)}`);
  };
  visit(read.root, "");
  return found.toSorted();
}

test("the layers of a chain make the file system that the rules describe", () => {
  let built = 0;
  let refused = 0;
  fc.assert(
    fc.property(chain, ({ base, images }) => {
      const store = join(folder, "store");
      const model = new Model(base);
      const bottom = foreign(base);
      let { below } = bottom;
      const layers: (Buffer | ContentFile)[] = [bottom.layer];
      for (const drawn of images) {
        const each = settled(drawn, model.paths, model.groups);
        try {
          below = made(each, store, below);
        } catch (error) {
          if (!(error instanceof BuildError)) throw error;
          refused++;
          continue;
        }
        built++;
        layers.push(below.content);
        model.apply(each);
      }
      const comparable = (lines: string[]) =>
        lines.map((line) => {
          const [at = "", kind] = line.split(" ");
          return kind === "folder" && model.isOfPackages(at) ? `${at} folder` : line;
        });
      expect(comparable(linesOf(unpack(layers), store))).toEqual(comparable(model.lines()));
    }),
    { numRuns: Number(process.env["RUNS"] ?? 80) },
  );
  expect(built).toBeGreaterThan(refused / 2);
});
