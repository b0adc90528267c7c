/** docs/troubleshooting.md quotes messages of imgc as the sources have them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/troubleshooting.md"), "utf8");

/** The sources, with parts of texts that `+` joins put together, and without escapes. */
function sources(): string {
  const files = ["src", "nix"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(?:ts|nix)$/.test(name))
      .map((name) => join(folder, name)),
  );
  const texts = [...files, "bin/imgc.mjs"].map((name) => readFileSync(join(ROOT, name), "utf8"));
  return texts
    .join("\n")
    .replaceAll(/["`] \+\s+["`]/g, "")
    .replaceAll(/\\(["`])/g, "$1");
}

/** The sections about imgc's own messages. */
const oursIn = (page: string): string[] =>
  page.split(/^## /m).filter((section) => section.startsWith("Messages of imgc"));

/** The quoted messages of imgc: the headings of the sections about imgc. */
function messages(): string[] {
  return oursIn(PAGE).flatMap((section) =>
    [...section.matchAll(/^### (`+) ?(.*?) ?\1$/gm)].map(([, , message = ""]) => message),
  );
}

const headings = (): number => oursIn(PAGE).flatMap((section) => section.match(/^### /gm) ?? []).length;

test("the quoted messages of imgc are in the sources", () => {
  const all = sources();
  expect(messages().length).toBeGreaterThan(30);
  // Every heading of these sections is a message.
  expect(messages().length).toBe(headings());
  for (const message of messages()) {
    const parts = message.split("…").map((part) => part.trim());
    const long = parts.filter((part) => part.length > 3);
    expect(long.length, message).toBeGreaterThan(0);
    for (const part of long) expect(all.includes(part), `${message}: ${part}`).toBe(true);
  }
});
