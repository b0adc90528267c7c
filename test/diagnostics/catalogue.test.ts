import { PUBLIC_KEY } from "../../src/sign/pem.ts";
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { copiesOf } from "../../src/app/copies.ts";
import { copyWarnings } from "../../src/app/copy-warnings.ts";
import { partDiagnostics } from "../../src/app/evaluation-errors.ts";
import { HOST, pinDiagnostic, SIGNED_BASE, unpinned, usesOf } from "../../src/compile/index.ts";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { diagnostic, type Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { formats } from "../../src/diagnostics/formats/index.ts";
import { fixesOf, withFix } from "../../src/fixes/index.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";
import { check, type CheckResult, type Source, type Spec } from "../../src/language/index.ts";
import { checkPackages, type PackageName } from "../../src/packages/index.ts";
import { hostOf } from "../language/host.ts";

const fixtures = new URL("errors/", import.meta.url);

/** A package set that lacks one name. */
const PACKAGES = new (class extends Map<string, PackageName> {
  override get(name: string): PackageName | undefined {
    return name === "helo" ? undefined : { name, kind: "package", version: "", description: "" };
  }
})([["hello", { name: "hello", kind: "package", version: "", description: "" }]]);
/** A lock file with one entry, which was edited by hand. */
const stale = { digest: `sha256:${"1".repeat(64)}`, platforms: {} };
const LOCK = {
  ...EMPTY_LOCK,
  bases: { [`example.org/stale@sha256:${"0".repeat(64)}`]: stale, "example.org/unchecked:1": stale },
};
const KEYS = new Map([["/cosign.pub", `sha256:${"2".repeat(64)}`]]);

const REFUSED = { name: "x-1", pname: "x", unfree: false, insecure: false, broken: false, unsupported: false };
const NOTHING = { id: 0, missing: null, names: [], depth: 0, package: null, arguments: [], needs: [], license: null };
const refused = (more: object) => {
  const about = { ...REFUSED, license: null, vulnerabilities: [], ...more };
  return { failure: "refused", facts: { ...NOTHING, kind: "package", package: about } };
};
/** The results of evaluating packages and expressions, in place of Nix. */
const OUTCOMES: Record<string, Parameters<typeof partDiagnostics>[2]> = {
  python3Packages: { facts: { ...NOTHING, kind: "set" } },
  "python3.withPackages": { facts: { ...NOTHING, kind: "function" } },
  vault: refused({ unfree: true, license: "bsl11", pname: "vault" }),
  openssl_1_1: refused({ insecure: true, name: "openssl-1.1.1w", vulnerabilities: ["CVE-2023-1"] }),
  abandoned: refused({ broken: true }),
  "mac-only": refused({ unsupported: true }),
  "old-name": { failure: "old-name has been renamed\nto new-name" },
  'throw "no"': { failure: "no" },
};

/** The diagnostics of an evaluation, from OUTCOMES in place of Nix. */
function evaluated(spec: Spec | undefined, locate: CheckResult["locate"], source: string): Diagnostic[] {
  if (spec === undefined) return [];
  const { place: set } = spec.nixpkgs;
  if (set !== null && "nix" in set && set.nix.startsWith("throw"))
    return [diagnostic("failing-package-set", locate(["nixpkgs"]), { message: "moved" })];
  const overlay = spec.nixpkgs.overlays.findIndex((each) => "nix" in each && each.nix.includes("throw"));
  if (overlay >= 0) {
    const parameters = { option: "overlay" as const, name: null, message: "gone" };
    return [diagnostic("failing-option", locate(["nixpkgs", "overlays", overlay]), parameters)];
  }
  return spec.images.flatMap((image) => {
    if (image.name === "without-nix-path") return [diagnostic("no-package-set", locate(["nixpkgs"]), {})];
    if (image.name === "read-only") return [diagnostic("forbidden-import", locate(["cache", "reuse"], image.name), {})];
    return usesOf(image).flatMap((use) => {
      const outcome = OUTCOMES["nix" in use.value ? use.value.nix : use.value.attribute.join(".")];
      const place = locate(use.at, image.name);
      const text = source.slice(place.span.start, place.span.end);
      return outcome === undefined ? [] : partDiagnostics(use, HOST, outcome, { place, text }, spec.nixpkgs);
    });
  });
}

/** The diagnostics of a text from all commands. */
function diagnosticsOf(source: Source): { diagnostics: Diagnostic[]; sources: Map<string, Source> } {
  const { root, spec, diagnostics, sources, locate } = check(source, hostOf());
  expect(spec === undefined).toBe(diagnostics.some((found) => found.severity === "error"));
  const found: Diagnostic[] = [];
  const pins = spec === undefined ? [] : unpinned(spec, { lock: LOCK, keys: KEYS });
  for (const each of pins) {
    const { reference, image } = each;
    // In place of a registry.
    if (reference.startsWith("unreachable.")) {
      const reason = `${reference} cannot be read: connection refused`;
      found.push(diagnostic("cannot-pin", locate(each.path, image), { reason }));
    } else if (reference.startsWith("unsigned.")) {
      const reason = `no signature of ${stale.digest} is by the key /cosign.pub; one by another key was found`;
      found.push(diagnostic("unsigned-base", locate(SIGNED_BASE, image), { reference, reason }));
    } else found.push(pinDiagnostic(each, locate, "a file.imgspec"));
  }
  // The test reads no key files, so the folder `/src` stands for a file without a key.
  for (const { name, expect: wanted } of spec?.images ?? [])
    if (wanted.signedBase === "/src") {
      const reason = `/src is a folder, not a public key; ${PUBLIC_KEY.advice}`;
      found.push(diagnostic("bad-key", locate(SIGNED_BASE, name), { reason }));
    }
  found.push(...evaluated(spec, locate, source.text));
  // In place of a build.
  for (const { name, permissions } of spec?.images ?? [])
    for (const { glob } of permissions.filter((each) => each.glob.startsWith("/nowhere/"))) {
      const place = locate(["permissions", glob], name);
      found.push(diagnostic("build-finding", place, { message: "the rule matches no file of the image" }));
    }
  const suspects = copiesOf(spec).map((copy) => ({
    ...copy,
    secrets: copy.source.endsWith("id_rsa") ? [copy.source] : [],
    storeLinks: copy.source.endsWith("profile") ? [copy.source] : [],
    folders: copy.rules.exclude.length === 0 ? ["/src/cache"] : [],
  }));
  const copied = copyWarnings({ spec, locate }, suspects);
  const unknown = checkPackages(root, () => PACKAGES).diagnostics;
  return {
    diagnostics: [...diagnostics, ...found, ...copied, ...unknown].map((each) => withFix(each, { root })),
    sources,
  };
}

describe.each(Object.entries(catalogue))("%s", (code, entry) => {
  test("the wrong example has this diagnostic only, the right example none", () => {
    const codes = (text: string) => diagnosticsOf({ path: "/a.imgspec", text }).diagnostics.map((found) => found.code);
    expect(codes(entry.bad)).toEqual([code]);
    // A correct reference may not be pinned yet.
    expect(codes(entry.good).filter((each) => each !== "not-pinned")).toEqual([]);
  });

  test("the fixture's diagnostic is printed with its place", async () => {
    const text = readFileSync(new URL(`${code}.imgspec`, fixtures), "utf8");
    const { diagnostics, sources } = diagnosticsOf({ path: `/${code}.imgspec`, text });
    expect(diagnostics.map((found) => found.code)).toContain(code);
    const output = formats.pretty({
      diagnostics,
      sources,
      files: [],
      colours: false,
      width: Infinity,
      name: (path) => path,
    });
    await expect(output).toMatchFileSnapshot(new URL(`${code}.txt`, fixtures).pathname);
  });
});

/** A message that says exactly what to write. */
const SAYS_WHAT = /(?:write|add|remove|did you mean) (?:`[^`…]*`|"[^"…]*")|add the missing|put it between/;

test.each(Object.entries(catalogue))("%s: where the message says what to write, there is a fix", (code, entry) => {
  const fixture = readFileSync(new URL(`${code}.imgspec`, fixtures), "utf8");
  for (const text of [entry.bad, fixture]) {
    const source = { path: "/a.imgspec", text };
    const { diagnostics } = diagnosticsOf(source);
    const { root } = check(source, hostOf());
    for (const found of diagnostics.filter(({ message }) => SAYS_WHAT.test(message)))
      expect(fixesOf(found, { root }), found.message).not.toEqual([]);
  }
});

test("every fixture is named after a code", () => {
  const names = readdirSync(fixtures).filter((name) => name.endsWith(".imgspec"));
  expect(names.map((name) => name.replace(".imgspec", "")).toSorted()).toEqual(Object.keys(catalogue).toSorted());
});
