import { expect, test } from "vitest";
import { addressProblems, changelogProblems, differences, openPoints } from "../../scripts/release-check.ts";

const changelog = (date: string) => `# Changelog\n\n## [1.2.0] - ${date}\n\n- New.\n\n## [1.1.0] - 2026-01-01\n`;

test("a tarball must have every wanted file and no other", () => {
  expect(differences(["a", "b"], ["b", "a"])).toEqual([]);
  expect(differences(["a", "b"], ["b", "c"])).toEqual([
    "the tarball lacks a",
    "the tarball has c, which is not tracked or not in `files` of package.json",
  ]);
});

test("the changelog must begin with the version of the package", () => {
  expect(changelogProblems("1.2.0", changelog("2026-02-02"))).toEqual([]);
  expect(changelogProblems("1.2.1", changelog("Unreleased"))).toEqual([
    "CHANGELOG.md begins with 1.2.0, but the version of package.json is 1.2.1",
  ]);
  expect(changelogProblems("1.2.0", "# Changelog\n")).toHaveLength(1);
});

test("addresses of releases have the version of the package", () => {
  const text = "uses: someone/imgc@v1.2.0\nhttps://example.org/someone/imgc/releases/download/v1.1.0/imgc-1.1.0.tgz\n";
  expect(addressProblems("1.2.0", "README.md", text)).toEqual([
    "README.md: the address someone/imgc/releases/download/v1.1.0 is not that of version 1.2.0",
  ]);
});

test("a publisher must fill in the date and the placeholders", () => {
  const manifest = {
    version: "1.2.0",
    files: [],
    homepage: "https://imgc.dev",
    repository: { url: "git+https://imgc.dev" },
  };
  expect(openPoints(manifest, changelog("2026-02-02"), [])).toEqual([]);
  expect(
    openPoints({ ...manifest, homepage: "https://imgc.example.org" }, changelog("Unreleased"), ["README.md"]),
  ).toEqual([
    "CHANGELOG.md: give the release a date in place of `Unreleased`",
    "package.json: `homepage` is the placeholder https://imgc.example.org",
    "README.md: replace OWNER by the owner of the repository",
  ]);
});
