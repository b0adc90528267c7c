/** Reads the examples of docs/coming-from.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { check } from "../../src/language/index.ts";

export const SECTIONS = ["A Dockerfile", "dockerTools", "nix2container", "Nixery", "apko"];

/** The first block in a language below a heading. */
export function exampleOf(section: string, language: string): string {
  const page = readFileSync(join(import.meta.dirname, "../../docs/coming-from.md"), "utf8");
  const text = page.split(/^## /m).find((each) => each.startsWith(`${section}\n`)) ?? "";
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(text)?.[1];
  if (block === undefined) throw new Error(`the section ${section} has no block in ${language}`);
  return block;
}

/** The images of a description. */
export function specOf(text: string): unknown[] {
  const { spec, diagnostics } = check({ path: "/spec/a.imgspec", text }, { exists: () => true, read: () => undefined });
  if (spec === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return spec.images;
}
