import fc from "fast-check";
import { expect, test } from "vitest";
import { nextLock, pastOf } from "../../src/lock/layers.ts";
import { EMPTY_LOCK, parseLock, printLock } from "../../src/lock/lock-file.ts";
import { plan } from "../../src/plan/plan.ts";
import type { ClosurePath } from "../../src/plan/graph.ts";

const letters = "0123456789abcdfghijklmnpqrsvwxyz";
const hash = (n: number) => (letters[n % 32] as string).repeat(32);

/** An application with `count` libraries; `hashes` and `versions` override those of the first build. */
function closure(count: number, hashes: Record<string, number> = {}, versions: Record<string, string> = {}) {
  const pathOf = (name: string) =>
    `/nix/store/${hash(hashes[name] ?? name.charCodeAt(0))}-${name}-${versions[name] ?? "1.0"}`;
  const names = Array.from({ length: count }, (_, i) => `lib${String.fromCharCode(97 + i)}`);
  const paths: ClosurePath[] = names.map((name, i) => ({
    path: pathOf(name),
    narSize: 1000 * (i + 1),
    references: i % 2 === 1 ? [pathOf(names[i - 1] as string)] : [],
  }));
  return [...paths, { path: pathOf("app"), narSize: 10, references: paths.map(({ path }) => path) }];
}

function build(paths: ClosurePath[], lock?: ReturnType<typeof nextLock>) {
  const past = lock === undefined ? {} : { past: pastOf(lock, paths) };
  const layers = plan({ closure: paths, steps: [{ kind: "auto" }], budget: 4, ...past }).map((layer) => layer.paths);
  return { layers, lock: nextLock(lock, paths, layers) };
}

test("a build without changes keeps layers and lock", () => {
  const first = build(closure(9));
  const second = build(closure(9), first.lock);
  expect(second.layers.map((paths) => paths.join()).toSorted()).toEqual(first.layers.map((p) => p.join()).toSorted());
  expect(second.lock).toEqual(first.lock);
});

test("an unchanged layer stays, and packages that changed themselves are recorded", () => {
  const first = build(closure(9));
  const changed = closure(9, { libc: 30, libd: 31, app: 29 }, { libc: "1.1" });
  const second = build(changed, first.lock);
  const isSame = (paths: string[]) => paths.every((path) => !/-(libc|libd|app)-/.test(path));
  const kept = first.layers.filter(isSame);
  expect(kept.length).toBeGreaterThan(0);
  for (const layer of kept) expect(second.layers).toContainEqual(layer);
  const entries = Object.entries(second.lock.packages).filter(([, text]) => text.includes("changed"));
  expect(entries).toEqual([["libc", expect.stringMatching(/^layer \d+, version 1\.1, changed 1$/)]]);
});

test("two packages with one name have two entries", () => {
  const paths = ["1.1", "3.0"].map((version, i) => ({
    path: `/nix/store/${hash(i)}-openssl-${version}`,
    narSize: 1,
    references: [],
  }));
  expect(Object.keys(build(paths).lock.packages)).toEqual(["openssl", "openssl#2"]);
});

test("each entry is a line, sorted by name", () => {
  const { lock } = build(closure(2));
  expect(printLock({ ...EMPTY_LOCK, layers: { shop: lock } })).toMatchInlineSnapshot(`
    "{
      "version": 1,
      "nixpkgs": {},
      "bases": {},
      "layers": {
        "shop": {
          "contents": {
            "1": "ccccc",
            "2": "ccccc",
            "3": "11111"
          },
          "packages": {
            "app": "layer 3, version 1.0",
            "liba": "layer 1, version 1.0",
            "libb": "layer 2, version 1.0"
          },
          "rebuilds": 0
        }
      }
    }
    "
  `);
});

test("a lock can be read and used after any merge of the section", () => {
  const text = printLock({ ...EMPTY_LOCK, layers: { shop: build(closure(9)).lock, other: build(closure(3)).lock } });
  const lines = text.trimEnd().split("\n");
  const first = lines.indexOf('  "layers": {') + 1;
  const span = fc.tuple(fc.integer({ min: first, max: lines.length - 1 }), fc.nat(8));
  fc.assert(
    fc.property(span, fc.boolean(), fc.boolean(), ([from, length], isUnion, hasBase) => {
      const [before, theirs, after] = [
        lines.slice(0, from),
        lines.slice(from, from + length),
        lines.slice(from + length),
      ];
      const ours = theirs.map((line) => line.replace(/layer \d+/, "layer 3"));
      const marked = [
        "<<<<<<< ours",
        ...ours,
        ...(hasBase ? ["||||||| base", ...theirs.slice(1)] : []),
        "=======",
        ...theirs,
        ">>>>>>> theirs",
      ];
      const merged = [...before, ...(isUnion ? [...ours, ...theirs] : marked), ...after].join("\n");
      const { layers } = parseLock(merged);
      for (const lock of Object.values(layers)) expect(build(closure(9), lock).layers.flat()).toHaveLength(10);
    }),
  );
});

test("a lock of any content does not make a plan fail", () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^layer \d{1,2}(, version \S+)?(, changed [0-9 -]{1,9})?$/));
  const names = fc.constantFrom("app", "liba", "libb", "libc", "gone");
  const lock = fc.record({
    rebuilds: fc.nat(100),
    contents: fc.dictionary(fc.constantFrom("1", "2", "3"), fc.string(), { noNullPrototype: true }),
    packages: fc.dictionary(names, text, { noNullPrototype: true }),
  });
  fc.assert(
    fc.property(lock, (value) => {
      expect(build(closure(9), value).layers.flat()).toHaveLength(10);
    }),
  );
});
