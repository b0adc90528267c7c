/** A fake `nix-instantiate` that lists the names of a package set. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fakeTool } from "../fake-tool.ts";

/**
 * A Nix whose set has these names, as `nix/package-names.nix` prints them. Names that begin with `bad` end the evaluation.
 * Returns a function that counts the evaluations.
 */
export function fakeNix(...names: string[]): () => number {
  const at = fakeTool(
    "nix-instantiate",
    `
fs.appendFileSync(at + "/evaluations", args.join(" ") + "\\n");
const names = JSON.parse(fs.readFileSync(at + "/names", "utf8"));
const option = (name) => { const i = args.indexOf(name); return i < 0 ? undefined : args[i + 1]; };
const line = (value) => console.error("trace: imgc-index " + JSON.stringify(value));
const show = (name, kind = "package") => line({ name, kind, version: "1", description: "" });
if (names === null) process.exit(1);
if (option("only") !== undefined) {
  line({ names });
  for (const name of JSON.parse(option("only"))) name.startsWith("bad") ? process.exit(1) : show(name);
} else {
  line({ total: names.length });
  const [from, count] = [Number(option("from")), Number(option("count"))];
  for (const [i, name] of names.slice(from, from + count).entries()) {
    if (!name.startsWith("bad")) show(name);
    else if (i === 0 && option("failed") === "true") show(name, "other");
    else process.exit(1);
  }
}
`,
  );
  writeFileSync(join(at, "names"), JSON.stringify(names.length === 0 ? null : names));
  const log = join(at, "evaluations");
  return () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").length : 0);
}
