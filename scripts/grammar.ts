/** `npm run grammar`: writes grammar/ anew from the parser, the schema and the catalogue. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { FOLDER, grammarFiles } from "./grammar/files.ts";

const files = await grammarFiles();
// A code that is gone takes its page with it.
rmSync(new URL("diagnostics/", FOLDER), { recursive: true, force: true });
for (const [path, text] of files) {
  const target = new URL(path, FOLDER);
  mkdirSync(new URL(".", target), { recursive: true });
  writeFileSync(target, text);
}
