import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { BuildError } from "../../src/builder/build-error.ts";
import { makePlan, readInputs } from "../../src/builder/make-plan.ts";
import { referencesOfTree } from "../../src/store/references.ts";
import type { ContentFile } from "../../src/image/content-file.ts";
import type { RootEntry } from "../../src/layer/recipe.ts";
import { NO_PLAN } from "./actions/test-store.ts";

const HASHES = ["a", "b", "c", "d", "f", "g"].map((letter) => letter.repeat(32));
let folder: string;
/** Store paths are in a folder of the test, as deep as Nix's. */
let store: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "t-"));
  store = folder;
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const path = (name: string): string => `${store}/${HASHES["abcdfg".indexOf(name)]}-${name}`;
const copied = (name: string, source: string): RootEntry => {
  return { kind: "copy", path: `/${name}`, source, mode: null, uid: 0, gid: 0 };
};

interface Request {
  roots?: string[];
  entries: RootEntry[];
  /** The base's entries. */
  below?: RootEntry[];
  references: Record<string, string[]>;
  config?: ContentFile["config"];
  more?: Partial<ContentFile>;
}

/** The plan of an image with these files: the names of its store paths and roots, joined. */
function planned({ roots = [], entries, below = [], references, config = {}, more = {} }: Request) {
  const content = join(folder, "content.json");
  const file: ContentFile = {
    version: 1,
    entries,
    root: [...below, ...entries],
    packages: [],
    users: [],
    groups: {},
    permissions: [],
    config,
    history: [],
    ...more,
  };
  writeFileSync(content, JSON.stringify(file));
  const args = {
    ...NO_PLAN,
    roots: roots.map(path),
    content,
    steps: [{ kind: "rest" as const }],
    closure: Object.entries(references).map(([name, to]) => ({
      path: path(name),
      narHash: "",
      narSize: 1,
      references: to.map(path),
    })),
  };
  const { layers, closure, roots: named } = makePlan(args, readInputs(args));
  const names = (paths: string[]) => paths.map((each) => each.slice(-1)).join("");
  expect(names(layers.flatMap(({ paths }) => paths).toSorted())).toBe(names(closure.map((entry) => entry.path)));
  return { holds: names(closure.map((entry) => entry.path)), named: names(named) };
}

test("copied sources of the image and its base are in no layer, but the store paths in their bytes are", () => {
  mkdirSync(path("a"));
  writeFileSync(join(path("a"), "start"), `#!${path("c")}/bin/sh\n`);
  writeFileSync(path("b"), "secret");
  const references = { a: ["c", "d"], b: [], c: ["f"], d: [], f: [], g: [] };
  expect(
    planned({ roots: ["g"], entries: [copied("app", path("a"))], below: [copied("secret", path("b"))], references }),
  ).toEqual({ holds: "cfg", named: "cg" });
});

test("the image contains store paths named by copied files, also by their own source, by texts, links and the config", () => {
  mkdirSync(path("a"));
  writeFileSync(join(path("a"), "self"), `x${path("a")}/plain`);
  writeFileSync(join(path("a"), "plain"), path("b"));
  const references = { a: ["a", "b"], b: [], c: [], d: [], f: [] };
  expect(planned({ entries: [copied("self", join(path("a"), "self"))], references }).named).toBe("a");
  expect(planned({ entries: [copied("plain", join(path("a"), "plain"))], references }).named).toBe("b");
  const entries: RootEntry[] = [
    { kind: "text", path: "/t", text: `see ${path("c")}`, mode: 0o644, uid: 0, gid: 0 },
    { kind: "link", path: "/l", target: path("d"), uid: 0, gid: 0 },
  ];
  expect(planned({ entries, references, config: { Cmd: [path("f")] } })).toEqual({ holds: "cdf", named: "cdf" });
});

test("references are found in links, across the borders of pieces, and next to letters of hashes", () => {
  const known = new Map(HASHES.map((hash) => [hash, hash]));
  const tree = join(folder, "tree");
  mkdirSync(join(tree, "deep"), { recursive: true });
  symlinkSync(`/x/${HASHES[0]}-a`, join(tree, "deep/link"));
  const border = Buffer.alloc((1 << 20) + 40, "e");
  border.write(HASHES[1] as string, (1 << 20) - 5);
  writeFileSync(join(tree, "border"), border);
  writeFileSync(join(tree, "run"), `00${HASHES[2]}`);
  writeFileSync(join(tree, "cut"), (HASHES[3] as string).slice(1));
  expect([...referencesOfTree(tree, known)].toSorted()).toEqual(HASHES.slice(0, 3));
});

/** The findings of an image with these parts of its content. */
function problems(more: Partial<ContentFile>, references: Record<string, string[]>): string[] {
  try {
    planned({ roots: ["a"], entries: [], references, more });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    return error.findings.map(({ at, message }) => `${at.join(" ")}: ${message}`);
  }
  return [];
}

test("a rule for store paths that changes none of their files is an error at its place", () => {
  mkdirSync(join(path("a"), "bin"), { recursive: true });
  writeFileSync(join(path("a"), "bin/run"), "");
  symlinkSync("run", join(path("a"), "bin/link"));
  const ruled = (specGlob: string, rule: object = { mode: 0o700 }) => {
    const permission = { glob: specGlob, mode: null, uid: null, gid: null, ...rule };
    return problems({ storeRules: [{ glob: specGlob, specGlob }], permissions: [permission] }, { a: [] });
  };
  for (const glob of [`${store}/*-a/bin/run`, `${store}/**/r*`, store, `${store}/*`]) expect(ruled(glob)).toEqual([]);
  expect(ruled(`${store}/*-a/bin/link`, { uid: 5 })).toEqual([]);
  for (const glob of [`${store}/*-b`, `${store}/*-a/bin/link`, `${store}/*-a/bin/run/x`]) {
    expect(ruled(glob)).toEqual([
      `permissions ${glob}: ${glob} matches no file that it can change in the image's store paths`,
    ]);
  }
});

test("with a Nix database, a rule that changes the executable bit of a file in a store path is an error at its place", () => {
  mkdirSync(join(path("a"), "bin"), { recursive: true });
  writeFileSync(join(path("a"), "bin/run"), "", { mode: 0o555 });
  writeFileSync(join(path("a"), "text"), "", { mode: 0o444 });
  symlinkSync("text", join(path("a"), "bin/link"));
  const ruled = (rules: [glob: string, mode: number | null][], isRegistered = true) => {
    const permissions = rules.map(([glob, mode]) => ({ glob, mode, uid: 5, gid: null }));
    const storeModes = rules.map(([glob]) => ({ glob, specGlob: glob }));
    return problems({ permissions, ...(isRegistered && { storeModes }) }, { a: [] });
  };
  const [all, run, file] = [`${store}/**`, `${store}/*-a/bin/*`, `${store}/*-a/text`] as const;
  const changes = (mode: string, name: string, was: string) =>
    expect.stringMatching(
      `^permissions .*: the mode ${mode} changes the executable bit of ${path("a")}/${name}, which ${was}`,
    );
  expect(ruled([[all, 0o700]])).toEqual([changes("0700", "text", "is not executable")]);
  expect(ruled([[run, 0o644]])).toEqual([changes("0644", "bin/run", "is executable")]);
  expect(
    ruled([
      [all, 0o644],
      [file, 0o777],
    ]),
  ).toEqual([changes("0644", "bin/run", "is executable"), changes("0777", "text", "is not executable")]);
  for (const rules of [
    [[all, null]],
    [[run, 0o4711]],
    [[file, 0o600]],
    [
      [all, 0o700],
      [file, 0o400],
    ],
  ] as const)
    expect(ruled(rules.map(([glob, mode]) => [glob, mode]))).toEqual([]);
  expect(ruled([[all, 0o700]], false)).toEqual([]);
});

test("a copied link to a store path that is not in the image is an error at the copy's place", () => {
  mkdirSync(path("a"));
  const storeLinks = ["a", "b"].map((name) => ({
    at: ["files", "/app"],
    path: `x/${name}`,
    target: `${path(name)}/bin`,
  }));
  expect(problems({ storeLinks }, { a: [] })).toEqual([
    `files /app: the copied folder has the link x/b to ${path("b")}/bin, which is not in the image: exclude the link, or add the package to \`store\``,
  ]);
});
