import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const EXAMPLES = join(import.meta.dirname, "../../examples");

test("examples/README.md links to every file and folder of the examples, and to nothing else", () => {
  const readme = readFileSync(join(EXAMPLES, "README.md"), "utf8");
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
  const names = readdirSync(EXAMPLES, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() || entry.name.endsWith(".imgspec") ? [entry.name] : [],
  );
  expect(new Set(links)).toEqual(new Set(names));
});
