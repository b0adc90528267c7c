/** Random images, with few names, so that many files meet at one path. */
import fc from "fast-check";
import type { Capability } from "../../../src/util/capabilities.ts";

/** Texts of files by path below a folder. */
export type Tree = Record<string, string>;

const name = fc.constantFrom("a", "b", "c", "ö");
const inTree = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
const pathOrRoot = fc.oneof(path, fc.constant("/"));
const text = fc.string({ maxLength: 3 });
const tree: fc.Arbitrary<Tree> = fc.dictionary(inTree, text, { minKeys: 1, maxKeys: 4 }).map(consistent);
const bits = fc.constantFrom(0o600, 0o755, 0o1777, 0o640);
const mode = fc.option(bits);
const id = fc.integer({ min: 1, max: 3 });
const group = fc.option(fc.oneof(id, fc.constantFrom("staff", "web")));
const owner = fc.option(fc.record({ user: id, group }));
type Owner = typeof owner extends fc.Arbitrary<infer T> ? T : never;
const capabilities = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Capability[]>([]) },
  fc.constantFrom<Capability[]>(["chown"], ["net-raw", "kill"]),
);

const file = fc.oneof(
  fc.record({ kind: fc.constant("copy" as const), path: pathOrRoot, tree, mode, owner, capabilities }),
  fc.record({
    kind: fc.constant("extract" as const),
    path: pathOrRoot,
    tree,
    /** The archive's modes, by path below the folder; "" is the folder itself. */
    modes: fc.dictionary(fc.oneof(inTree, fc.constant("")), bits, { maxKeys: 2 }),
    owner,
  }),
  fc.record({ kind: fc.constant("text" as const), path, text, mode, owner, capabilities }),
  fc.record({ kind: fc.constant("directory" as const), path: pathOrRoot, mode, owner }),
  fc.record({ kind: fc.constant("link" as const), path, target: fc.constantFrom("b", "../c", "/ö", "/a/b"), owner }),
  fc.record({ kind: fc.constant("remove" as const), path, which: fc.option(fc.nat({ max: 20 })) }),
);
export type File = typeof file extends fc.Arbitrary<infer T> ? T : never;

const rule = fc.record({ glob: fc.constantFrom("/a/**", "/*", "/**/b", "/c"), mode, owner, capabilities });
export type Rule = typeof rule extends fc.Arbitrary<infer T> ? T : never;

const image = fc.record({
  packages: fc.array(tree, { maxLength: 2 }),
  /** Indexes of packages of the bases that this image names again. */
  again: fc.array(fc.nat({ max: 5 }), { maxLength: 1 }),
  files: fc.uniqueArray(file, {
    maxLength: 4,
    selector: (each) => `${each.path} ${each.kind === "remove" ? "remove" : "put"}`,
  }),
  groups: fc.uniqueArray(fc.record({ name: fc.constantFrom("staff", "web"), gid: fc.constantFrom(50, 60) }), {
    maxLength: 1,
    selector: (each) => each.name,
  }),
  rules: fc.array(rule, { maxLength: 1 }),
});
export type Image = typeof image extends fc.Arbitrary<infer T> ? T : never;

const ids = { uid: id, gid: id };
const foreign = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), path, text, mode: bits, ...ids }),
  fc.record({ kind: fc.constant("directory" as const), path, mode: bits, ...ids }),
  fc.record({ kind: fc.constant("link" as const), path, target: fc.constantFrom("b", "/ö", "/a/b"), ...ids }),
  fc.record({ kind: fc.constant("pipe" as const), path, mode: bits, ...ids }),
  /** A hard link to the first file. */
  fc.record({ kind: fc.constant("same" as const), path }),
);
export type Foreign = typeof foreign extends fc.Arbitrary<infer T> ? T : never;

export const chain = fc.record({
  /** The files of the base made elsewhere at the bottom of the chain. */
  base: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Foreign[]>([]) },
    fc.uniqueArray(foreign, { maxLength: 5, selector: (each) => each.path }).map(placeable),
  ),
  images: fc.array(image, { minLength: 1, maxLength: 4 }),
});

/** The image, with removals of existing paths and with known groups, as far as possible. */
export function settled(drawn: Image, there: string[], groups: ReadonlySet<string>): Image {
  const known = new Set([...groups, ...drawn.groups.map((each) => each.name)]);
  const settle = <T extends { owner?: Owner }>(each: T): T => {
    const { owner: named } = each;
    const isUnknown = typeof named?.group === "string" && !known.has(named.group);
    return isUnknown ? { ...each, owner: { ...named, group: null } } : each;
  };
  const files = drawn.files.map((each): File => {
    if (each.kind !== "remove") return settle(each);
    const found = each.which === null ? undefined : there[each.which % there.length];
    return { ...each, path: found ?? each.path };
  });
  const isFirst = ({ kind, path: at }: File, i: number) =>
    kind !== "remove" || files.findIndex((other) => other.kind === "remove" && other.path === at) === i;
  return { ...drawn, files: files.filter(isFirst), rules: drawn.rules.map(settle) };
}

/** The files in sorted order, without files below another file. */
function consistent(files: Tree): Tree {
  const paths = Object.keys(files).toSorted();
  const outer = paths.filter((each) => !paths.some((other) => each.startsWith(`${other}/`)));
  return Object.fromEntries(outer.map((each) => [each, files[each] as string]));
}

function placeable(files: Foreign[]): Foreign[] {
  const first = files.find(({ kind }) => kind === "text")?.path;
  const leaves = files.filter(({ kind }) => kind !== "directory").map((each) => each.path);
  return files
    .filter((each) => !leaves.some((other) => each.path.startsWith(`${other}/`)))
    .filter((each) => each.kind !== "same" || (first !== undefined && first < each.path))
    .filter((each, _, all) => each.kind !== "same" || all.some((other) => other.path === first))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
