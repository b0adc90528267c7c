/** The pages of the repository name files that exist. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const REPOSITORY = join(import.meta.dirname, "../..");
/** Characters that the anchors of headings leave out. */
const PUNCTUATION = /[^\p{L}\p{N} _-]/gu;
const pages = execFileSync("git", ["ls-files", "-z", "*.md"], { cwd: REPOSITORY, encoding: "utf8" })
  .split("\0")
  // The parts of grammar/reference.md have links from grammar/, and are checked there.
  .filter((name) => !name.startsWith("scripts/grammar/reference/"))
  .filter((name) => name !== "" && existsSync(join(REPOSITORY, name)));
const read = (name: string) => readFileSync(join(REPOSITORY, name), "utf8");

test("links of pages lead to files, and to headings within a page", () => {
  const broken = pages.flatMap((page) => {
    const text = read(page).replaceAll(/^```.*?^```/gms, "");
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title.toLowerCase().replaceAll(PUNCTUATION, "").replaceAll(" ", "-"),
    );
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [path = "", heading = ""] = target.split("#");
      const exists = path === "" ? headings.includes(heading) : existsSync(join(REPOSITORY, dirname(page), path));
      return exists ? [] : [`${page}: ${target}`];
    });
  });
  expect(broken).toEqual([]);
});

test("ARCHITECTURE.md lists every folder of src, and names files that exist", () => {
  const text = read("ARCHITECTURE.md");
  const table = [...text.matchAll(/^\|[ \d]+\| (`.*?`) +\|/gm)].flatMap(([, cell = ""]) => cell.match(/[\w-]+/g) ?? []);
  expect(table.toSorted()).toEqual(readdirSync(join(REPOSITORY, "src")).toSorted());
  const named = [...text.matchAll(/`((?:src|nix|test|scripts)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
  expect(named.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
});
