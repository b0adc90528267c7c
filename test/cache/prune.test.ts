import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hookText } from "../../src/cache/post-build-hook.ts";
import { parseNarInfo, type Archived } from "../../src/cache/narinfo.ts";
import { closureOf, noteUses, surplus } from "../../src/cache/prune.ts";
import { shellQuote } from "../../src/util/shell.ts";

const NOW = 1_000_000;

/** A cache in which references lead to earlier paths, with a last use for some paths. */
const cache = fc
  .array(
    fc.record({ references: fc.array(fc.nat(30), { maxLength: 4 }), size: fc.nat(100), used: fc.option(fc.nat(NOW)) }),
    {
      maxLength: 30,
    },
  )
  .map((paths) => {
    const archived = new Map<string, Archived>();
    const uses = new Map<string, number>();
    for (const [i, { references, size, used }] of paths.entries()) {
      const hash = `h${i}`;
      const named = [...new Set(references.filter((each) => each < i).map((each) => `h${each}`))];
      archived.set(hash, { hash, file: `nar/${hash}`, size, references: named });
      if (used !== null) uses.set(hash, used);
    }
    return { archived, uses };
  });
const limits = fc.record({ keep: fc.option(fc.nat(NOW)), maxSize: fc.option(fc.nat(2000)) });

test("the kept paths are closed under references and include all paths of the last build", () => {
  fc.assert(
    fc.property(cache, limits, fc.array(fc.nat(30), { maxLength: 3 }), ({ archived, uses }, limit, roots) => {
      const pinned = closureOf(
        archived,
        roots.map((root) => `h${root}`),
      );
      const gone = surplus(archived, noteUses(archived, uses, pinned, NOW), limit, pinned, NOW);
      const left = [...archived.values()].filter(({ hash }) => !gone.has(hash));
      for (const { references } of left) expect(references.filter((hash) => gone.has(hash))).toEqual([]);
      expect([...pinned].filter((hash) => gone.has(hash))).toEqual([]);

      const size = (paths: Archived[]) => paths.reduce((sum, path) => sum + path.size, 0);
      const used = size(left.filter(({ hash }) => pinned.has(hash)));
      if (limit.maxSize !== null) expect(size(left)).toBeLessThanOrEqual(Math.max(limit.maxSize, used));
      if (limit.keep === null && limit.maxSize === null) expect(gone.size).toBe(0);
    }),
  );
});

test("least recently used paths are deleted", () => {
  const path = (hash: string, references: string[] = []) => [hash, { hash, file: hash, size: 1, references }] as const;
  const archived = new Map<string, Archived>([path("lib"), path("old"), path("app", ["lib"])]);
  const uses = new Map([
    ["lib", 0],
    ["old", 0],
    ["app", 900],
  ]);
  expect(surplus(archived, uses, { keep: 500, maxSize: null }, new Set(), 1000)).toEqual(new Set(["old"]));
  expect(surplus(archived, uses, { keep: null, maxSize: 2 }, new Set(), 1000)).toEqual(new Set(["old"]));
  // Pinned paths take the room first, even if others are as new.
  const all = new Map([...archived.keys()].map((hash) => [hash, 1000]));
  expect(surplus(archived, all, { keep: null, maxSize: 1 }, new Set(["old"]), 1000)).toEqual(new Set(["lib", "app"]));
});

test("shellQuote makes one word of any text", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
      (text) => {
        const word = Buffer.from(text).toString();
        expect(execFileSync("sh", ["-c", `printf %s ${shellQuote(word)}`], { encoding: "utf8" })).toBe(word);
      },
    ),
    { numRuns: 50 },
  );
  execFileSync("sh", ["-n"], { input: hookText(["file:///a'b", "s3://c?d=e"], "/store with space") });
});

test("a narinfo that names a file elsewhere, or is invalid, is rejected", () => {
  const text = "StorePath: /nix/store/abc-x\nURL: nar/abc.nar.zst\nReferences: def-y abc-x\n";
  expect(parseNarInfo(text)).toEqual({
    storePath: "/nix/store/abc-x",
    file: "nar/abc.nar.zst",
    references: ["def-y", "abc-x"],
  });
  expect(parseNarInfo(text.replace("nar/abc", "nar/../../etc/abc"))).toBeUndefined();
  fc.assert(fc.property(fc.string(), (any) => void parseNarInfo(any)));
});
