import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { PackageSets } from "../../src/lsp/package-sets.ts";
import { Packages } from "../../src/packages/packages.ts";
import { folder } from "../e2e/tools.ts";
import { setEnvironment } from "../fake-tool.ts";
import { fakeNix } from "../packages/fake-nix.ts";
import { marked } from "./marked.ts";

/** The package sets of files whose package set has these names, and the reports of `PackageSets`. */
function packageSets(...names: string[]) {
  setEnvironment({ XDG_CACHE_HOME: folder() });
  const evaluations = fakeNix(...names);
  const [loaded, failed] = [vi.fn<() => void>(), vi.fn<(reason: string) => void>()];
  const expression = `import ${join(folder(), "set.nix")}`;
  const open = () => new Packages("package-names.nix", expression);
  return { sets: new PackageSets(open, loaded, failed), loaded, failed, evaluations };
}

const { result } = marked('image "a" { packages [ helo hello ] }');

test("names are loaded once, in the background, and only if loading is allowed", async () => {
  const { sets, loaded, evaluations } = packageSets("hello");
  expect(sets.check(result)).toBe(result);
  expect(sets.complete(result, "hel")).toEqual({ found: [], all: false });
  expect(evaluations()).toBe(0);
  sets.allowLoading(true);
  for (let i = 0; i < 2; i++) expect(sets.check(result)).toBe(result);
  await vi.waitFor(() => expect(loaded).toHaveBeenCalledTimes(1), { timeout: 20_000 });
  expect(sets.check(result).diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ["unknown-package", "the package set has no `helo`; did you mean `hello`?"],
  ]);
  expect(evaluations()).toBe(1);
});

test("completion lists packages that start with the text, quotes names that need quotes, and has a limit", async () => {
  const many = Array.from({ length: 250 }, (_, i) => `lib${i}`);
  const { sets, loaded } = packageSets("Hello", "0ad", ...many, "help");
  sets.allowLoading(true);
  sets.complete(result, "");
  await vi.waitFor(() => expect(loaded).toHaveBeenCalled(), { timeout: 20_000 });
  const paths = (typed: string) => sets.complete(result, typed).found.map(({ path }) => path);
  expect(paths("hel")).toEqual(["Hello", "help"]);
  expect(paths("0")).toEqual(['"0ad"']);
  expect(paths('"0')).toEqual(['"0ad"']);
  expect(sets.complete(result, "li").all).toBe(false);
  expect(paths("li")).toHaveLength(200);
  expect(sets.complete(result, "lib24").all).toBe(true);
});

test("an index that may be outdated is renewed before an unknown name is reported", async () => {
  const { sets, loaded } = packageSets("old");
  const before = marked('image "a" { packages [ old new ] }').result;
  sets.allowLoading(true);
  sets.check(before);
  await vi.waitFor(() => expect(loaded).toHaveBeenCalledTimes(1), { timeout: 20_000 });
  // A later session reads the index of this one, and the package set has changed.
  sets.forget();
  const nix = (process.env["PATH"] as string).split(":")[0] as string;
  writeFileSync(join(nix, "names"), JSON.stringify(["new"]));
  const reported = new Set<string>();
  const renewed = () => {
    for (const { message } of sets.check(before).diagnostics) reported.add(message.split(";")[0] as string);
    expect([...reported]).toEqual(["the package set has no `old`"]);
  };
  await vi.waitFor(renewed, { timeout: 20_000 });
});

test("a package set that cannot be opened or listed is reported, and files stay without diagnostics about packages", async () => {
  const { sets, failed } = packageSets();
  sets.allowLoading(true);
  expect(sets.check(result)).toBe(result);
  await vi.waitFor(() => expect(failed).toHaveBeenCalledTimes(1), { timeout: 20_000 });
  expect(failed.mock.calls[0]?.[0]).toContain("nix-instantiate");
  const refusing = () => {
    throw new Error("imgc.lock is damaged");
  };
  const unopened = new PackageSets(refusing, () => {}, failed);
  expect(unopened.check(result)).toBe(result);
  expect(failed).toHaveBeenLastCalledWith("imgc.lock is damaged");
});
