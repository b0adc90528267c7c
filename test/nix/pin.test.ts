import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pinFlake } from "../../src/nix/pin.ts";
import { fakeTool } from "../fake-tool.ts";

const REV = "0123456789012345678901234567890123456789";

/** A Nix that fetches everything: with a revision, unless the reference has none. Returns the tree that it was asked for. */
function fakeNix(rev: string | undefined = REV): () => unknown {
  const at = fakeTool(
    "nix",
    `
fs.writeFileSync(at + "/tree", process.env.IMGC_TREE);
console.log(${JSON.stringify(JSON.stringify({ narHash: "sha256-x", rev, lastModified: 1 }))});
`,
  );
  return () => JSON.parse(readFileSync(join(at, "tree"), "utf8")) as unknown;
}

test.each([
  [
    "github:NixOS/nixpkgs/nixos-26.05",
    { type: "github", owner: "NixOS", repo: "nixpkgs", ref: "nixos-26.05" },
    { fetch: "tarball", url: `https://github.com/NixOS/nixpkgs/archive/${REV}.tar.gz` },
  ],
  [
    "gitlab:a/b?host=git.example.org",
    { type: "gitlab", owner: "a", repo: "b", host: "git.example.org" },
    { fetch: "tarball", url: `https://git.example.org/api/v4/projects/a%2Fb/repository/archive.tar.gz?sha=${REV}` },
  ],
  [
    "github:a/b/main?host=git.example.org",
    { type: "github", owner: "a", repo: "b", host: "git.example.org", ref: "main" },
    { fetch: "tarball", url: `https://git.example.org/api/v3/repos/a/b/tarball/${REV}` },
  ],
  [
    `gitlab:a/b?rev=${REV}`,
    { type: "gitlab", owner: "a", repo: "b", rev: REV },
    { fetch: "tarball", url: `https://gitlab.com/api/v4/projects/a%2Fb/repository/archive.tar.gz?sha=${REV}` },
  ],
  [
    "sourcehut:~a/b",
    { type: "sourcehut", owner: "~a", repo: "b" },
    { fetch: "tarball", url: `https://git.sr.ht/~a/b/archive/${REV}.tar.gz` },
  ],
  [
    "git+https://example.org/set?ref=main",
    "git+https://example.org/set?ref=main",
    { fetch: "git", url: "https://example.org/set", rev: REV },
  ],
  [
    "https://example.org/set.tar.gz",
    "https://example.org/set.tar.gz",
    { fetch: "tarball", url: "https://example.org/set.tar.gz" },
  ],
  ["path:../set", { type: "path", path: "/set" }, { fetch: "path", path: "../set" }],
])("pins %s", async (reference, tree, pinned) => {
  const asked = fakeNix();
  expect(await pinFlake(reference, "/specs/a.imgspec")).toEqual({ ...pinned, narHash: "sha256-x" });
  expect(asked()).toEqual(tree);
});

test("a git repository with changes that are not committed cannot be pinned", async () => {
  fakeTool("nix", `console.log('{"narHash":"sha256-x"}')`);
  await expect(pinFlake("git+file:///repository", "/specs/a.imgspec")).rejects.toThrow("git+file:///repository");
});

test("a reference of another form is refused, and a failure of Nix names the reference", async () => {
  fakeNix();
  await expect(pinFlake("nixpkgs", "/specs/a.imgspec")).rejects.toThrow("nixpkgs cannot be pinned");
  fakeTool("nix", `console.error("error: no such branch"); process.exitCode = 1;`);
  await expect(pinFlake("github:a/b/c", "/specs/a.imgspec")).rejects.toThrow(/^github:a\/b\/c .*no such branch/);
});
