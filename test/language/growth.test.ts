/** The time of checking, fixing, formatting and compiling grows about linearly with the number of entries. */
import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { fixesOf } from "../../src/fixes/index.ts";
import { check, type Host } from "../../src/language/index.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";
import { growth, LINEAR } from "../growth.ts";

const HOST: Host = { read: () => undefined, exists: () => true };
const OPTIONS = { functions: "/nix", directory: "/spec", lock: EMPTY_LOCK };
const source = (text: string) => ({ path: "/spec/image.imgspec", text });

/** Texts with `n` entries of one kind. */
const KINDS: Record<string, (n: number) => string> = {
  packages: (n) => image(`packages [ ${each(n, (i) => `p${i}`)} ]`),
  bindings: (n) => `${each(n, (i) => `let v${i} = "x"`)}\n${image(env(n, (i) => `V${i} $v${i}`))}`,
  "a chain of images": (n) =>
    each(n, (i) => `image "a/b${i}" { ${i === 0 ? "" : `base image "a/b${i - 1}"`} packages [ p ] }`),
  files: (n) => image(`files { ${each(n, (i) => `"/a/f${i}" text "x"`)} }`),
  users: (n) => image(`users { ${each(n, (i) => `u${i} { uid ${i + 1000} gid 5 }`)} }`),
  groups: (n) => image(`groups { ${each(n, (i) => `g${i} { gid ${i + 1000} }`)} }`),
  permissions: (n) => image(`permissions { ${each(n, (i) => `"/a/f${i}" { mode 0644 }`)} }`),
  layers: (n) => image(`layers { layer "l" [ ${each(n, (i) => `p${i}`)} ] weight { ${each(n, (i) => `q${i} +1`)} } }`),
  expectations: (n) => image(`expect { absent [ ${each(n, (i) => `p.o${i}`)} ] ${each(n, (i) => `run [ "${i}" ]`)} }`),
};

/** Texts with `n` mistakes of one kind. */
const MISTAKES: Record<string, (n: number) => string> = {
  "equal ids": (n) => image(`users { ${each(n, (i) => `u${i} { uid 1000 gid 5 }`)} }`),
  "removals without a base": (n) => image(`files { ${each(n, (i) => `"/f${i}" remove`)} }`),
  "names without `$`": (n) => `${each(n, (i) => `let v${i} = "x"`)}\n${image(env(n, (i) => `V${i} v${i}`))}`,
  "names in strings": (n) => `${each(n, (i) => `let v${i} = "x"`)}\n${image(env(n, (i) => `V${i} "$v${i}"`))}`,
  "unknown owners": (n) => image(`files { ${each(n, (i) => `"/f${i}" text "x" { owner "n${i}" }`)} }`),
  "unknown bindings": (n) => `${each(n, (i) => `let v${i} = "x"`)}\n${image(env(n, (i) => `V${i} $w${i}`))}`,
  "unknown bases": (n) => each(n, (i) => `image "a/b${i}" { base image "x${i}" }`),
  "unused bindings": (n) => `${each(n, (i) => `let v${i} = "x"`)}\n${image("")}`,
  "missing closing brackets": (n) => each(n, (i) => `image "a/b${i}" {\n  packages [ p\n}`),
  "missing opening brackets": (n) => each(n, (i) => `image "a/b${i}" {\n  config\n    user "0"\n  }\n}`),
  "entries in a list": (n) => each(n, (i) => `image "a/b${i}" { config { env [ "A=b" ] } }`),
  "comments that are not closed": (n) => each(n, (i) => `let v${i} = "x" /* why`),
  "lists with `++`": (n) => each(n, (i) => `let v${i} = [ a ] ++ [ b ]`),
  "names in `${ }`": (n) => `${each(n, (i) => `let v${i} = "x"`)}\n${image(env(n, (i) => `V${i} \${v${i}}`))}`,
  "doubled entries": (n) => image(env(n, () => `V "x"`)),
};

/** Texts with one mistake of the length `n`. */
const LONG: Record<string, (n: number) => string> = {
  "a list without brackets": (n) => image(`packages ${each(n, (i) => `p${i}`).replaceAll("\n", " ")}`),
  "a chain of `++`": (n) => `let v = [ a ]${" ++ [ b ]".repeat(n)}`,
  "comments that are not closed": (n) => `let v = [ a ]${" <!-- b".repeat(n)}`,
  "a line of blanks and `%`": (n) => `let v = [ a ]${" ".repeat(n)}%`,
  "a string that is not closed": (n) => image(`${env(n, (i) => `V${i} ''x''`)} author ''x`),
  "a long name in a string": (n) => `let v = "x"\n${image(env(1, () => `V "$v${"-w".repeat(n)}"`))}`,
};

function each(n: number, make: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => make(i)).join("\n");
}

function image(settings: string): string {
  return `image "a/b" {\n${settings}\n}\n`;
}

function env(n: number, make: (i: number) => string): string {
  return `config { env { ${each(n, make)} } }`;
}

test.each(Object.entries(KINDS))("%s are checked and compiled in linear time", (_, make) => {
  const grown = growth(300, (n) => {
    const text = make(n);
    return () => {
      const { spec, diagnostics } = check(source(text), HOST);
      expect(diagnostics).toEqual([]);
      if (spec !== undefined) compile(spec, OPTIONS);
    };
  });
  expect(grown).toBeLessThan(LINEAR);
});

test.each(Object.entries(MISTAKES))("%s are reported with fixes in linear time", (_, make) => {
  const grown = growth(300, (n) => {
    const text = make(n);
    return () => {
      const result = check(source(text), HOST);
      expect(result.diagnostics.length).toBeGreaterThanOrEqual(n - 1);
      for (const found of result.diagnostics) fixesOf(found, result);
    };
  });
  expect(grown).toBeLessThan(LINEAR);
});

test.each(Object.entries(LONG))("%s is reported in linear time", (_, make) => {
  const grown = growth(600, (n) => {
    const text = make(n);
    return () => expect(check(source(text), HOST).diagnostics.length).toBeGreaterThan(0);
  });
  expect(grown).toBeLessThan(LINEAR);
});
