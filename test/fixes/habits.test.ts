/**
 * Breaks correct descriptions by a habit from another language: the first diagnostic must be at the mistake, and `--fix`
 * must restore the description or change nothing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyFixes } from "../../src/fixes/index.ts";
import { format } from "../../src/format/format.ts";
import { check } from "../../src/language/index.ts";
import { tokenize } from "../../src/language/syntax/tokens.ts";
import { hostOf } from "../language/host.ts";

const path = "/a.imgspec";
const host = hostOf();
const nothing = async (): Promise<[]> => [];
const EXAMPLES = join(import.meta.dirname, "../../examples");

const SAMPLE = `let tools = [ hello jq ]
let version = "1.2"
image "shop/base" { packages $tools layers { max 90 layer "x" [ openssl zlib ] { group 5 each } } }
image "shop/api" {
  tag "v\${$version}"
  base image "shop/base"
  store [ curl ]
  files {
    "/app" copy ./src
    "/etc/motd" text "hi" { mode 0644 owner 0:0 }
    "/bin/api" link "\${hello}/bin/hello"
    "/var/lib/api" directory { mode 0750 }
  }
  users { api { uid 1000 gid 1000 home "/var/lib/api" } }
  config {
    entrypoint [ "/bin/api" "serve" ]
    env { LANG "C.UTF-8" MODE "fast" }
    user "api"
    expose [ 8080/tcp ]
    healthcheck { test [ "CMD" "/bin/api" ] interval 30s }
  }
  manifest docker
  expect { size <= 250MiB layers <= 90 no-setuid absent [ gcc ] }
}
`;

/** Descriptions without diagnostics. */
const texts = [
  SAMPLE,
  ...readdirSync(EXAMPLES)
    .filter((name) => name.endsWith(".imgspec"))
    .map((name) => readFileSync(join(EXAMPLES, name), "utf8")),
].filter((text) => check({ path, text }, host).diagnostics.length === 0);

interface Broken {
  text: string;
  /** The place of the mistake in the broken text. */
  start: number;
  end: number;
}

/** All ways to break a text by one habit. */
type Habit = (text: string) => Broken[];

/** The matches of a pattern outside strings and comments. */
function places(text: string, pattern: RegExp): RegExpExecArray[] {
  const covered: [number, number][] = tokenize(text).comments.map(({ startOffset, image }) => [
    startOffset,
    // Text behind a comment, on its line, is part of the comment.
    startOffset + image.length + 1,
  ]);
  for (const { 0: match, index } of text.matchAll(/"(?:\\.|[^"\\\n])*"|''[^]*?''/g))
    covered.push([index, index + match.length]);
  const isFree = (at: number): boolean => covered.every(([start, end]) => at < start || at >= end);
  return [...text.matchAll(pattern)].filter(({ index }) => isFree(index)) as RegExpExecArray[];
}

const replaced =
  (pattern: RegExp, instead: (match: RegExpExecArray) => string, inside = false): Habit =>
  (text) =>
    (inside ? ([...text.matchAll(pattern)] as RegExpExecArray[]) : places(text, pattern)).map((match) => {
      const replacement = instead(match);
      const start = match.index;
      return {
        text: text.slice(0, start) + replacement + text.slice(start + match[0].length),
        start,
        end: start + replacement.length,
      };
    });

/** Puts strings whose text matches a pattern into other quotes. */
function requoted(fits: RegExp, opening: string, closing: string): Habit {
  return (text) =>
    [...text.matchAll(/#.*|''[^]*?''|"((?:\\.|[^"\\\n])*)"/g)].flatMap(({ 0: match, 1: inner, index }) => {
      if (inner === undefined || !fits.test(inner)) return [];
      const end = index + match.length;
      return [{ text: text.slice(0, index) + opening + inner + closing + text.slice(end), start: index, end }];
    });
}

const SETTING = /(?<=[{\n ])(?:tag|packages|store|entrypoint|user|home|mode|expose|manifest|author)(?= ["[\w])/g;
const HABITS: Record<string, Habit> = {
  "a forgotten $": replaced(/\$([a-z]\w*)/g, ([, name = ""]) => name),
  "$name in a string": replaced(/\$\{\$(\w+)\}/g, ([, name]) => `$${name}`, true),
  "${name} in a string": replaced(/\$\{\$(\w+)\}/g, ([, name]) => `\${${name}}`, true),
  "= after a name": replaced(SETTING, ([name]) => `${name} =`),
  ": after a name": replaced(SETTING, ([name]) => `${name}:`),
  "; at the end of a line": replaced(/(?<=["\]\w])(?=\n)/g, () => ";"),
  ", in a list": replaced(/(?<=\[ \w+) (?=\w+)/g, () => ", "),
  "// before a comment": replaced(/\n(?=\s+\w)/g, () => "\n// why\n"),
  "curved quotes": requoted(/^[^“”$\\]+$/, "“", "”"),
  "single quotes": requoted(/^[^'$\\]+$/, "'", "'"),
  "no braces": replaced(/\{ ((?:mode|owner|max|uid)\b[^{}\n]*) \}/g, ([, inner = ""]) => inner),
  "no brackets": replaced(/(?<=(?:packages|store|absent) )\[ ([\w. ]+) \]/g, ([, inner = ""]) => inner),
  "no brackets around strings": replaced(/(?<=entrypoint )\[ ("[^[\]]*") \]/g, ([, inner = ""]) => inner),
  "a mode without 0": replaced(/\bmode 0(\d{3})\b/g, ([, digits]) => `mode ${digits}`),
  "units in another case": replaced(/\b(\d+)MiB\b/g, ([, digits]) => `${digits}mib`),
  "true after a flag": replaced(/\bno-setuid\b/g, ([name]) => `${name} true`),
  "a path in quotes": replaced(/\bcopy (\.\/\w+)/g, ([, name]) => `copy "${name}"`),
  "a misspelt name": replaced(/\bpackages\b/g, () => "pakages"),
  "a missing quote": replaced(/(?<=\w)"(?=\n)/g, () => "", true),
  "a missing bracket": replaced(/ \](?=\n)/g, () => ""),
};

const laidOut = async (text: string): Promise<string> => (await format({ path, text })).text;

describe.each(Object.entries(HABITS))("%s", (_, habit) => {
  const broken = texts.flatMap((text) => habit(text).map((each) => ({ text, broken: each })));

  test("has a diagnostic at its line, and is fixed or left", async () => {
    expect(broken.length).toBeGreaterThan(0);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...broken), async ({ text, broken: { text: bad, start, end } }) => {
        const [first] = check({ path, text: bad }, host).diagnostics;
        expect(first, bad).toBeDefined();
        // On the line of the mistake or the next line, whose text may not fit any more.
        const lineStart = bad.lastIndexOf("\n", start - 1) + 1;
        const lineEnd = bad.indexOf("\n", end + 1);
        expect(first?.span.start, bad).toBeGreaterThanOrEqual(lineStart);
        expect(first?.span.start, bad).toBeLessThanOrEqual(lineEnd < 0 ? bad.length : lineEnd);
        const fixed = (await applyFixes({ path, text: bad }, host, nothing)).text;
        if (fixed === bad) return;
        const original = habit === HABITS["// before a comment"] ? bad.replace("// why", "# why") : text;
        expect(await laidOut(fixed), bad).toBe(await laidOut(original));
      }),
      { numRuns: 10 },
    );
  });
});
