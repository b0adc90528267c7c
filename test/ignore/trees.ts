/** Random folders with .gitignore files at several depths. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { repository } from "./patterns.ts";

const name = fc.constantFrom("a", "b", "c", "a.log", "b.txt", "src", "result", "result-dev", "keep", "ä b");
const line = fc
  .tuple(
    fc.constantFrom("", "", "!", "/", "!/"),
    fc.constantFrom("a", "*.log", "src", "**/b", "a/b", "src/*", "k*", "*", "c/**", "[ab]", "ä*", "keep"),
    fc.constantFrom("", "", "/"),
  )
  .map((parts) => parts.join(""));
const file = fc.tuple(
  fc.array(name, { maxLength: 3 }),
  name,
  fc.constantFrom("file", "file", "file", "link", "folder"),
);
const tree = fc.record({
  files: fc.array(file, { minLength: 3, maxLength: 12 }),
  rules: fc.array(fc.tuple(fc.array(name, { maxLength: 2 }), fc.array(line, { minLength: 1, maxLength: 3 })), {
    maxLength: 3,
  }),
});

/** Creates trees below a git repository; returns the folders to copy. */
export function sampleTrees(count: number): string[] {
  const top = repository();
  writeFileSync(join(top, ".gitignore"), "*.log\n/3*/\n");
  return fc.sample(tree, count).map(({ files, rules }, i) => {
    const root = join(top, `${i}`);
    for (const [folders, last, kind] of files) write(join(root, "src", ...folders), last, kind);
    mkdirSync(join(root, "src"), { recursive: true });
    for (const [folders, lines] of rules) write(join(root, ...folders), ".gitignore", "file", `${lines.join("\n")}\n`);
    return join(root, "src");
  });
}

/** Writes an entry, unless another entry is in the way. */
function write(folder: string, last: string, kind: string, text = ""): void {
  try {
    mkdirSync(folder, { recursive: true });
    if (kind === "folder") mkdirSync(join(folder, last));
    else if (kind === "link") symlinkSync("b.txt", join(folder, last));
    else writeFileSync(join(folder, last), text, { flag: "wx" });
  } catch (error) {
    if (!["EEXIST", "EISDIR", "ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
