import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { narHash, parseHash } from "../../src/layer/nar.ts";

type Tree = string | { link: string } | { [name: string]: Tree };

function write(path: string, tree: Tree): void {
  if (typeof tree === "string") {
    writeFileSync(path, tree);
    chmodSync(path, tree.length % 2 === 0 ? 0o644 : 0o755);
  } else if ("link" in tree && typeof tree["link"] === "string") symlinkSync(tree["link"], path);
  else {
    mkdirSync(path);
    for (const [name, child] of Object.entries(tree)) write(join(path, name), child as Tree);
  }
}

/** Nix's hash of the same files. */
function byNix(path: string, ...options: string[]): string {
  return execFileSync("nix-hash", ["--type", "sha256", ...options, path], { encoding: "utf8" }).trim();
}

test("the NAR hash equals Nix's for random files", () => {
  const folder = mkdtempSync(join(tmpdir(), "imgc-nar-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const name = fc.string({
    minLength: 1,
    maxLength: 8,
    unit: fc.constantFrom("a", "b", ".", "-", "A", "é", " ", "_", "\n"),
  });
  const arbitrary = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      fc.string({ maxLength: 40 }),
      fc.record({ link: fc.string({ minLength: 1, maxLength: 20 }).map((to) => to.replaceAll("\0", "0")) }),
      fc.dictionary(
        name.filter((each) => each !== "." && each !== ".." && each !== "link"),
        tie("tree"),
        { maxKeys: 4 },
      ),
    ),
  }));
  let i = 0;
  fc.assert(
    fc.property(arbitrary.tree, (tree) => {
      const path = join(folder, String(i++));
      write(path, tree);
      expect(narHash(path).toString("hex")).toBe(byNix(path));
      expect(parseHash(`sha256:${byNix(path, "--base32")}`)).toEqual(narHash(path));
    }),
    { numRuns: 40 },
  );
});
