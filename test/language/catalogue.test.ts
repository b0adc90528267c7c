import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { pinDiagnostic } from "../../src/cli/lock-file.ts";
import { unpinned } from "../../src/compile/index.ts";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { diagnostic, type Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { formats } from "../../src/diagnostics/formats/index.ts";
import { withFix } from "../../src/fixes/index.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";
import { check, type Source } from "../../src/language/index.ts";
import { checkPackages, type PackageName } from "../../src/packages/index.ts";
import { hostOf } from "./host.ts";

const fixtures = new URL("../errors/", import.meta.url);

/** A package set that lacks one name. */
const PACKAGES = new (class extends Map<string, PackageName> {
  override get(name: string): PackageName | undefined {
    return name === "helo" ? undefined : { name, kind: "set", version: "", description: "" };
  }
})([["hello", { name: "hello", kind: "package", version: "", description: "" }]]);
/** A lock that has one entry, and that one edited. */
const stale = { digest: `sha256:${"1".repeat(64)}`, platforms: {} };
const LOCK = { ...EMPTY_LOCK, bases: { [`example.org/stale@sha256:${"0".repeat(64)}`]: stale } };

/** What check and compile say of a text. */
function findings(source: Source): { diagnostics: Diagnostic[]; sources: Map<string, Source> } {
  const { root, spec, diagnostics, sources, locate } = check(source, hostOf());
  expect(spec === undefined).toBe(diagnostics.some((found) => found.severity === "error"));
  const found: Diagnostic[] = [];
  const pins = spec === undefined ? [] : unpinned(spec, { lock: LOCK });
  for (const each of pins) {
    // What only a registry can say is said here in its place.
    const isOut = each.reference.startsWith("unreachable.");
    const reason = `${each.reference} cannot be read: connection refused`;
    found.push(
      isOut ? diagnostic("cannot-pin", locate(each.path, each.image), { reason }) : pinDiagnostic(each, locate),
    );
  }
  // What only a build can say.
  for (const { name, permissions } of spec?.images ?? [])
    for (const { glob } of permissions.filter((each) => each.glob.startsWith("/nowhere/"))) {
      const place = locate(["permissions", glob], name);
      found.push(diagnostic("build-finding", place, { message: "the rule matches no file of the image" }));
    }
  const unknown = checkPackages(root, () => PACKAGES).diagnostics;
  return { diagnostics: [...diagnostics, ...found, ...unknown].map((each) => withFix(each, { root })), sources };
}

describe.each(Object.entries(catalogue))("%s", (code, entry) => {
  test("its wrong example has it and nothing else, its right one has nothing", () => {
    const codes = (text: string) => findings({ path: "/a.imgspec", text }).diagnostics.map((found) => found.code);
    expect(codes(entry.bad)).toEqual([code]);
    // What is right may still wait for someone to pin it.
    expect(codes(entry.good).filter((each) => each !== "not-pinned")).toEqual([]);
  });

  test("its fixture is rendered with its place", async () => {
    const text = readFileSync(new URL(`${code}.imgspec`, fixtures), "utf8");
    const { diagnostics, sources } = findings({ path: `/${code}.imgspec`, text });
    expect(diagnostics.map((found) => found.code)).toContain(code);
    const shown = formats.pretty({ diagnostics, sources, files: [], colours: false, name: (path) => path });
    await expect(shown).toMatchFileSnapshot(new URL(`${code}.txt`, fixtures).pathname);
  });
});

test("every fixture is named after a code", () => {
  const names = readdirSync(fixtures).filter((name) => name.endsWith(".imgspec"));
  expect(names.map((name) => name.replace(".imgspec", "")).toSorted()).toEqual(Object.keys(catalogue).toSorted());
});
