/** Breaks valid descriptions by the habits of habits.ts, for tests of the diagnostics and the fixes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { applyFixes } from "../../src/fixes/index.ts";
import { format } from "../../src/format/format.ts";
import { check, parse, type Span } from "../../src/language/index.ts";
import { tokenize } from "../../src/language/syntax/tokens.ts";
import { HABITS, type Edit, type Habit } from "./habits.ts";

const path = "/a.imgspec";
const host = { read: () => undefined, exists: () => true };
const ROOT = join(import.meta.dirname, "../..");

const isValid = (text: string): boolean => check({ path, text }, host).diagnostics.length === 0;

/** A description with a setting of each kind, each on its own line. */
const SAMPLE = `let tools = [ hello jq ]
let version = "1.2"
param release = "dev"
image "shop/base" {
  packages $tools
  layers {
    max 90
    layer "x" [ openssl zlib ] { group 5 each }
  }
}
image "shop/api" {
  tag "v\${$version}-\${$release}"
  base image "shop/base"
  packages [
    bash
    # the programs
    pkgsCross.hello
    nix ''python3.withPackages (p: [ p.flask ])''
  ]
  store [ curl ]
  author "Shop Ltd <dev@example.org>"
  files {
    "/app" copy ./src { mode 0755 exclude [ "*.log" ] }
    "/etc/motd" text "hi there" { mode 0644 owner 0:0 }
    "/etc/script" text ''
      #!/bin/sh
      exec api "$@"
    ''
    "/bin/api" link "\${hello}/bin/hello"
    "/var/lib/api" directory { mode 0750 owner "api" }
  }
  users { api { uid 1000 gid 1000 home "/var/lib/api" } }
  config {
    entrypoint [ "/bin/api" "serve" ]
    env { LANG "C.UTF-8" MODE "fast and safe" }
    user "api"
    workdir "/app"
    expose [ 8080/tcp 53/udp ]
    healthcheck {
      test [ "CMD" "/bin/api" ]
      interval 30s
      timeout 1500ms
    }
  }
  manifest docker
  cache { binary-cache "./cache" { keep 14d max-size 5GiB } }
  expect { size <= 250MiB layers <= 90 no-setuid absent [ gcc ] }
}
`;

function specsIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".imgspec"))
    .map((name) => readFileSync(join(ROOT, folder, name), "utf8"));
}

/** Descriptions without diagnostics: the examples, the test cases, and the right examples of the catalogue. */
const writtenTexts = (): string[] =>
  [
    SAMPLE,
    ...specsIn("examples"),
    ...specsIn("test/compile/cases"),
    ...Object.values(catalogue).map(({ good }) => good),
  ].filter(isValid);

interface Part {
  name: string;
  text: string;
  /** The declarations of the bindings that the text uses. */
  bindings: string[];
}

/** The settings of all images of a text. */
function partsOf(text: string): Part[] {
  const { settings } = parse({ path, text }).document;
  const textOf = ({ span }: { span: Span }): string => text.slice(span.start, span.end);
  const bindings = settings.filter(({ values: [value] }) => value?.kind === "word");
  return settings.flatMap(({ values: [, block] }) => {
    if (block?.kind !== "block") return [];
    return block.settings.map((setting) => {
      const uses = bindings.filter(({ values: [value] }) => textOf(setting).includes(`$${value && textOf(value)}`));
      return { name: textOf(setting.name), text: textOf(setting), bindings: uses.map(textOf) };
    });
  });
}

/** Valid descriptions: written ones, and `count` random ones whose settings are those of written ones. */
export async function validTexts(count = 40, seed = 1): Promise<string[]> {
  const written = writtenTexts();
  const parts = written.flatMap(partsOf);
  const some = fc.uniqueArray(fc.constantFrom(...parts), { selector: ({ name }) => name, minLength: 2, maxLength: 6 });
  const random = fc.tuple(fc.array(some, { minLength: 1, maxLength: 2 }), fc.constantFrom("lines", "one line", "fmt"));
  const made = fc.sample(random, { numRuns: count * 2, seed }).map(async ([images, layout]) => {
    const bindings = new Set(images.flat().flatMap((part) => part.bindings));
    const blocks = images.map((all, i) => `image "image-${i}" {\n${all.map(({ text }) => `  ${text}\n`).join("")}}\n`);
    const text = `${[...bindings].join("\n")}\n${blocks.join("\n")}`;
    const isOneLine = layout === "one line" && !/#|''/.test(text);
    if (isOneLine) return text.replaceAll(/\n\s*(?!let |param |image )/g, " ");
    return layout === "fmt" ? await layOut(text) : text;
  });
  const valid = (await Promise.all(made)).filter(isValid).slice(0, count);
  return [...new Set([...written, ...valid])];
}

async function layOut(text: string): Promise<string> {
  return (await format({ path, text })).text;
}

export interface Broken {
  habit: string;
  valid: string;
  text: string;
  edit: Edit;
}

/** All texts that a habit makes of a valid text. Texts that are valid as well are left out. */
export function breaksOf(valid: string, habit: string): Broken[] {
  const { tokens } = tokenize(valid);
  return (HABITS[habit]?.edits(valid, tokens) ?? []).map((edit) => ({
    habit,
    valid,
    edit,
    text: valid.slice(0, edit.start) + edit.text + valid.slice(edit.end),
  }));
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

/** The tokens and comments of a text: all but its layout. */
function meaningOf(text: string): string {
  const { tokens, comments } = tokenize(text);
  return [...tokens, ...comments].map(({ image }) => image.trim()).join("\n");
}

const nothing = async (): Promise<[]> => [];

/**
 * A mistake in the diagnostics or the fixes of a broken text; undefined if there is none. The first diagnostic must
 * be at the place of the break and have a code of the habit. The fixes must restore the valid text or change nothing.
 */
export async function problemOf({ habit, valid, text, edit }: Broken): Promise<string | undefined> {
  const [first] = check({ path, text }, host).diagnostics;
  if (first === undefined) return undefined;
  const { codes } = HABITS[habit] as Habit;
  if (!codes.includes(first.code)) return `the first diagnostic is ${first.code}: ${first.message}`;
  const change = edit.text.length - (edit.end - edit.start);
  const also = edit.also === undefined ? [] : [lineOf(text, edit.also + (edit.also > edit.start ? change : 0))];
  const line = lineOf(text, first.span.start);
  const isBroken = lineOf(text, edit.start) <= line && line <= lineOf(text, edit.start + edit.text.length);
  if (!isBroken && !also.includes(line)) return `the first diagnostic is on line ${line}: ${first.message}`;
  const fixed = (await applyFixes({ path, text }, host, nothing)).text;
  if (fixed === text) return undefined;
  const { corrected } = edit;
  const original = corrected === undefined ? valid : valid.slice(0, edit.start) + corrected + valid.slice(edit.end);
  return meaningOf(fixed) === meaningOf(original) ? undefined : `the fixes give:\n${fixed}`;
}
