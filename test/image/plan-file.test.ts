import { expect, test } from "vitest";
import * as z from "zod/mini";
import { Closure, PlanFile, type ClosureEntry } from "../../src/image/plan-file.ts";

const entry = (path: string, ...references: string[]): ClosureEntry => ({
  path,
  narHash: "",
  narSize: 1,
  references,
});

test("references inside a closure are indexes in the file", () => {
  const closure = [entry("/a", "/a", "/b"), entry("/b", "/c")];
  const written = z.encode(Closure, closure);
  expect(written.paths.map(([, , , references]) => references)).toEqual([[0, 1], ["/c"]]);
  expect(Closure.parse(written)).toEqual(closure);
});

test("an index without a path is refused", () => {
  const closure = { folder: "/", hash: "", paths: [["a", "", 1, [1]]] };
  expect(Closure.safeParse(closure).error?.issues[0]?.message).toBe("no path of the closure has the index 1");
});

test("paths of several folders stay whole", () => {
  const closure = [entry("/nix/store/a"), entry("/other/b", "/nix/store/a")];
  const written = z.encode(Closure, closure);
  expect(written).toEqual({
    folder: "",
    hash: "",
    paths: [
      ["/nix/store/a", "", 1, []],
      ["/other/b", "", 1, [0]],
    ],
  });
  expect(Closure.parse(written)).toEqual(closure);
});

test("layers of a plan name paths of the closure by index, and other paths as they are", () => {
  const closure = [entry("/nix/store/a"), entry("/nix/store/b")];
  const layers = [{ name: "auto", paths: ["/nix/store/b", "/nix/store/only-named"] }];
  const plan: PlanFile = { version: 4, layers, closure, roots: ["/nix/store/b"] };
  const written = z.encode(PlanFile, plan);
  expect(written.layers).toEqual([{ name: "auto", paths: [1, "/nix/store/only-named"] }]);
  expect(PlanFile.parse(written)).toEqual(plan);
  const wrong = { ...written, layers: [{ name: "auto", paths: [2] }] };
  expect(PlanFile.safeParse(wrong).error?.issues[0]?.message).toBe("no path of the closure has the index 2");
});

test("the start of all hashes stands once", () => {
  const closure = ["sha256:aa", "sha256:bb"].map((narHash, i) => ({ ...entry(`/nix/store/${i}`), narHash }));
  const written = z.encode(Closure, closure);
  expect(written).toMatchObject({
    hash: "sha256:",
    paths: [
      ["0", "aa", 1, []],
      ["1", "bb", 1, []],
    ],
  });
  expect(Closure.parse(written)).toEqual(closure);
  const mixed = [...closure, { ...entry("/nix/store/2"), narHash: "sha256-cc=" }];
  expect(Closure.parse(z.encode(Closure, mixed))).toEqual(mixed);
});
