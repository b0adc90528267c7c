/** imgc.lock keeps layers stable, also with plain Nix and after merges of the lock. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { build, failure, files, folder, IMGC, imgc, tool, verified, type Output } from "./tools.ts";

type Library = [name: string, version: string, kilobytes: number];
const LIBRARIES = Array.from("abcdefghijkl", (letter, i): Library => [`lib${letter}`, "1.0", 10 + ((i * 7) % 13)]);
const UPDATE: Library[] = [
  ["libd", "1.1", 20],
  ["libx", "2.0", 30],
  ["liby", "1.0", 18],
];
/** Libraries that replace or extend the default ones. */
const changed = (...changes: Library[]) => {
  const names = new Set(LIBRARIES.map(([name]) => name));
  const replaced = LIBRARIES.map((each) => changes.find(([name]) => name === each[0]) ?? each);
  return [...replaced, ...changes.filter(([name]) => !names.has(name))];
};

/** A library whose text depends on its name and version. */
const code = ([name, version, kilobytes]: Library) =>
  `(writeText "${name}-${version}" (builtins.concatStringsSep "\\n" (builtins.genList (i: ` +
  `builtins.hashString "sha256" ("${name} ${version} " + toString i)) ${kilobytes * 15})))`;

/** An application that needs all of them, a line each. */
const withApp = (libraries: Library[], more = "") => `image "test/lock" {
  store [ nix ''writeText "app" (toString [
    ${libraries.map(code).join("\n    ")}
  ])'' ]
  layers { max 5 }
  ${more}
}
`;
/** The libraries alone, a line each. */
const alone = (libraries: Library[], more = "") => `image "test/lock" {
  store [
    ${libraries.map((each) => `nix ''${code(each)}''`).join("\n    ")}
  ]
  layers { max 5 }
  ${more}
}
`;

interface LayerOf {
  diffId: string;
  paths: string[];
}
const layersOf = (image: string): LayerOf[] =>
  readImageDirectory(image).layers.map(({ diffId, content }) => ({ diffId, paths: content.paths }));
const ids = (layers: LayerOf[]) => layers.map(({ diffId }) => diffId);
/** Diff IDs of the layers without these packages. */
const without = (layers: LayerOf[], ...names: string[]) =>
  ids(
    layers.filter(
      ({ paths }) => paths.length > 0 && !paths.some((path) => names.some((name) => path.includes(`-${name}`))),
    ),
  );
const lockBeside = (spec: string) => join(dirname(spec), "imgc.lock");

test.each(["layer", "group"])("reuse %s: unchanged packages keep their layer", async (grain) => {
  const more = `cache { reuse ${grain} }`;
  const spec = files({ "a.imgspec": withApp(LIBRARIES, more) });
  expect((await imgc("lock", spec)).stdout).toBe("test/lock  13 packages in 4 layers\n");
  const before = layersOf((await build(spec)).path);
  const stay = without(before, "libd", "app");
  expect(stay).toHaveLength(2);

  writeFileSync(spec, withApp(changed(...UPDATE), more));
  const { path, built } = await build(spec);
  const after = ids(layersOf(path));
  expect(after).toEqual(expect.arrayContaining(stay));
  if (grain === "layer") {
    // A second run finds the built layers.
    expect(built.filter((name) => name === "layer.json").length).toBeLessThanOrEqual(before.length - stay.length);
  }
  // Without the lock, layers change.
  const unlocked = await build(files({ "a.imgspec": withApp(changed(...UPDATE), more) }));
  for (const id of stay) expect(ids(layersOf(unlocked.path))).not.toContain(id);
});

test.each(["layer", "group"])("reuse %s: a build that changed the lock builds nothing the next time", async (grain) => {
  const version = `${Date.now()}`;
  const more = `cache { reuse ${grain} }`;
  const spec = files({ "a.imgspec": alone(changed(["liba", version, 10]), more) });
  const first = await imgc("build", spec, "--no-link", "--json");
  expect(first.stderr).toContain(`imgc: created ${lockBeside(spec)}; `);
  const lock = readFileSync(lockBeside(spec), "utf8");
  expect(lock).toMatch(new RegExp(`^ {8}"liba": "layer \\d, version ${version}",$`, "m"));
  const second = await imgc("build", spec, "--no-link", "--json");
  expect(second.stderr).not.toContain("created");
  interface Report {
    images: { digest: string }[];
    built: { name: string }[];
  }
  const [before, after] = [first, second].map(({ stdout }) => JSON.parse(stdout) as Report);
  expect(after?.images[0]?.digest).toBe(before?.images[0]?.digest);
  expect(after?.built).toEqual([]);
  expect(readFileSync(lockBeside(spec), "utf8")).toBe(lock);

  writeFileSync(spec, alone(changed(["liba", version, 10], ["libb", version, 10]), more));
  await imgc("build", spec, "--no-link");
  const next = readFileSync(lockBeside(spec), "utf8");
  expect(next).toContain(`"libb": "layer `);
  expect(next).toContain(`version ${version}, changed 1; before layer `);
  expect((await imgc("build", spec, "--no-link")).stdout).toContain("nothing to build");
  expect(readFileSync(lockBeside(spec), "utf8")).toBe(next);
});

test("if the lock cannot be written, the image is built with a note", async () => {
  const spec = files({ "a.imgspec": alone(LIBRARIES) });
  // A file of a shell's <( ) has no folder for a lock.
  const piped = '"$0" "$1" build <(cat "$2") --no-link';
  const { stdout, stderr } = await tool("bash", ["-c", piped, process.execPath, IMGC, spec]);
  expect(stdout).toContain("digest   sha256:");
  expect(stderr).toMatch(
    /^imgc: cannot write \/dev\/fd\/imgc\.lock: .*; the next build may put packages into other layers$/m,
  );
});

test("through a flake, and by hand", async () => {
  const spec = files({ "a.imgspec": withApp(LIBRARIES) });
  await imgc("lock", spec);
  writeFileSync(spec, withApp(changed(...UPDATE)));
  const { path } = await build(spec);
  const flake = join(folder(), "flake");
  const nixpkgs = join(import.meta.dirname, "../nixpkgs");
  await imgc("compile", spec, "--nixpkgs", nixpkgs, "--flake", flake);
  const result = join(folder(), "result");
  await tool("nix", ["build", `path:${flake}`, "-o", result]);
  expect((await verified(result)).digests).toEqual((await verified(path)).digests);

  const functions = join(import.meta.dirname, "../../nix");
  const expression = files({
    "image.nix": `with import <nixpkgs> { }; (import ${functions} { pkgs = import <nixpkgs> { }; }).image {
      name = "test/lock";
      store = [ (writeText "app" (toString [ ${changed(...UPDATE)
        .map(code)
        .join(" ")} ])) ];
      layers = { max = 5; lock = (builtins.fromJSON (builtins.readFile ${lockBeside(spec)})).layers."test/lock"; };
    }`,
  });
  await tool("nix", ["build", "-f", expression, "-o", `${result}-by-hand`]);
  expect((await verified(`${result}-by-hand`)).digests).toEqual((await verified(path)).digests);
});

/** A repository of a spec and its lock, with two branches that update one library each. */
async function branches(
  text: (libraries: Library[]) => string,
): Promise<{ spec: string; git: (command: string, args: string[]) => Promise<Output> }> {
  const spec = files({ "a.imgspec": text(LIBRARIES) });
  const names = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  const git = (command: string, args: string[]) => tool("git", ["-C", dirname(spec), ...names, command, ...args]);
  await git("init", ["-qb", "main"]);
  const commit = async (libraries: Library[]) => {
    writeFileSync(spec, text(libraries));
    await imgc("lock", spec);
    await git("add", ["-A"]);
    await git("commit", ["-qm", "update"]);
  };
  await commit(LIBRARIES);
  await git("checkout", ["-qb", "theirs"]);
  await commit(changed(["libl", "1.1", 20]));
  await git("checkout", ["-q", "main"]);
  await commit(changed(["liba", "1.1", 11]));
  return { spec, git };
}

/** The layers that builds before the branches and after the merge share. */
async function keeps(spec: string, before: LayerOf[], ...changes: string[]): Promise<void> {
  const stay = without(before, ...changes);
  expect(stay.length).toBeGreaterThan(0);
  const { path } = await build(spec);
  await verified(path);
  expect(ids(layersOf(path))).toEqual(expect.arrayContaining(stay));
  // The next build writes a valid lock.
  await imgc("build", spec, "--no-link");
  expect(Object.keys(JSON.parse(readFileSync(lockBeside(spec), "utf8")) as object)).toContain("layers");
  expect(ids(layersOf((await build(spec)).path))).toEqual(ids(layersOf(path)));
}

test("a lock merged by git is usable", async () => {
  const before = layersOf((await build(files({ "a.imgspec": alone(LIBRARIES) }))).path);
  const { spec, git } = await branches(alone);
  await git("merge", ["-q", "--no-edit", "theirs"]);
  const lock = readFileSync(lockBeside(spec), "utf8");
  expect(lock).toMatch(/"liba": ".* version 1\.1, changed 1; before .* version 1\.0"/);
  expect(lock).toMatch(/"libl": ".* version 1\.1, changed 1; before .* version 1\.0"/);
  await keeps(spec, before, "liba", "libl");
});

test("a lock with git's conflict markers is usable, and repaired by the build", async () => {
  const before = layersOf((await build(files({ "a.imgspec": withApp(LIBRARIES) }))).path);
  const { spec, git } = await branches(withApp);
  expect((await failure(git("merge", ["-q", "--no-edit", "theirs"]))).stdout).toContain("conflict in imgc.lock");
  expect((await git("diff", ["--name-only", "--diff-filter=U"])).stdout).toBe("imgc.lock\n");
  expect(readFileSync(lockBeside(spec), "utf8")).toMatch(/^<<<<<<< /m);
  expect((await imgc("compile", spec)).stderr).toMatch(
    /^imgc: \S+imgc\.lock:\d+:1: a merge left conflict markers here; imgc uses the layers of both sides, /,
  );
  await keeps(spec, before, "liba", "libl", "app");
  expect((await imgc("compile", spec)).stderr).toBe("");
});
