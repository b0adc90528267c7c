/** Breaks valid descriptions by habits from other languages, for tests of the diagnostics and the fixes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Code } from "../../src/diagnostics/catalogue.ts";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { applyFixes } from "../../src/fixes/index.ts";
import { format } from "../../src/format/format.ts";
import { check, parse, type Span } from "../../src/language/index.ts";
import { configSettings } from "../../src/language/schema/config.ts";
import { expectSettings } from "../../src/language/schema/expect.ts";
import { imageSettings } from "../../src/language/schema/image.ts";
import { settingsByName } from "../../src/language/types/setting.ts";
import { tokenize, tokens as types, type Token, type TokenType } from "../../src/language/syntax/tokens.ts";

const path = "/a.imgspec";
const host = { read: () => undefined, exists: () => true };
const ROOT = join(import.meta.dirname, "../..");

const SCHEMAS = { imageSettings, configSettings, expectSettings };

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

export interface Edit {
  start: number;
  end: number;
  text: string;
  /** Another offset of the valid text whose line is a right place, such as that of the other bracket. */
  also?: number;
  /** The text that `edit` makes when the habit is corrected, if that is not the valid text. */
  corrected?: string;
}

export interface Habit {
  /** The codes of the first diagnostic. */
  codes: Code[];
  /** All places of a text at which the habit can break it. */
  edits(text: string, tokens: readonly Token[]): Edit[];
}

const end = (token: Token): number => token.startOffset + token.image.length;
const over = (token: Token, text: string, more: Partial<Edit> = {}): Edit => ({
  start: token.startOffset,
  end: end(token),
  text,
  ...more,
});

interface Pair {
  opening: Token;
  closing: Token;
}

/** The brackets or quotes of two token types. */
function pairs(tokens: readonly Token[], opening: TokenType, closing: TokenType): Pair[] {
  const open: Token[] = [];
  return tokens.flatMap((token) => {
    if (token.tokenType === opening) open.push(token);
    if (token.tokenType !== closing) return [];
    const partner = open.pop();
    return partner === undefined ? [] : [{ opening: partner, closing: token }];
  });
}

const quotes = (tokens: readonly Token[]): Pair[] => pairs(tokens, types.openQuote, types.closeQuote);
const lists = (tokens: readonly Token[]): Pair[] => pairs(tokens, types.openList, types.closeList);
const blocks = (tokens: readonly Token[]): Pair[] => pairs(tokens, types.openBlock, types.closeBlock);

/** Whether an offset is inside a string. */
function stringsOf(tokens: readonly Token[]): (offset: number) => boolean {
  const all = [...quotes(tokens), ...pairs(tokens, types.openIndented, types.closeIndented)];
  return (offset) => all.some(({ opening, closing }) => opening.startOffset < offset && offset < end(closing));
}

const without =
  (choose: (tokens: readonly Token[]) => Pair[], side: keyof Pair) => (_: string, tokens: readonly Token[]) =>
    choose(tokens).map((pair) =>
      over(pair[side], "", { also: (side === "opening" ? pair.closing : pair.opening).startOffset }),
    );

/** Whether a setting has this name: without brackets or quotes, it would be read as that setting. */
const isSettingName = (word: string): boolean => NAMES.has(word);
const NAMES = new Set(Object.values(SCHEMAS).flatMap((settings) => [...settingsByName(settings).keys()]));

/** Replaces both tokens of pairs. */
const both =
  (
    choose: (tokens: readonly Token[]) => Pair[],
    opening: string,
    closing: string,
    fits: (inner: string, before: string, after: string) => boolean = () => true,
  ) =>
  (text: string, tokens: readonly Token[]): Edit[] =>
    choose(tokens).flatMap((pair) => {
      const inner = text.slice(end(pair.opening), pair.closing.startOffset);
      if (!fits(inner, text.slice(0, pair.opening.startOffset), text.slice(end(pair.closing)))) return [];
      const span = { start: pair.opening.startOffset, end: end(pair.closing) };
      return [{ ...span, text: opening + inner + closing }];
    });

/** Edits at the matches of a pattern outside of strings and comments. */
const matching =
  (
    pattern: RegExp,
    edit: (match: RegExpExecArray) => string,
    more: (match: RegExpExecArray) => Partial<Edit> = () => ({}),
  ) =>
  (text: string, tokens: readonly Token[]): Edit[] => {
    const isInString = stringsOf(tokens);
    const comments = tokenize(text).comments;
    const isInComment = (at: number) => comments.some((each) => each.startOffset <= at && at <= end(each));
    return Array.from(text.matchAll(pattern)).flatMap((match) => {
      const { index } = match;
      if (isInString(index) || isInComment(index)) return [];
      return [
        {
          start: index,
          end: index + match[0].length,
          text: edit(match as RegExpExecArray),
          ...more(match as RegExpExecArray),
        },
      ];
    });
  };

const tokenEdits =
  (type: TokenType, edit: (token: Token, text: string) => string | undefined) =>
  (text: string, tokens: readonly Token[]): Edit[] =>
    tokens.flatMap((token) => {
      const changed = token.tokenType === type ? edit(token, text) : undefined;
      return changed === undefined ? [] : [over(token, changed)];
    });

const NAME = /(?<=(?:^|[{\n])[ ]*|\{ )(?:[a-z][a-z-]*)(?= ["\w[{$./])/g;
const SIMPLE = /^[^"'`“”‘’„«»$\\]*$/;
const units = (from: RegExp, to: (digits: string, unit: string) => string) =>
  tokenEdits(types.literal, ({ image, startOffset }, text) => {
    const match = from.exec(image);
    // The default of a parameter may be a string.
    return match === null || text.slice(0, startOffset).endsWith("= ") ? undefined : to(match[1] ?? "", match[2] ?? "");
  });
const comment = (opening: string, closing: string) =>
  matching(
    /\n(?=[ ]*[\w"}])/g,
    () => `\n${opening} why${closing}\n`,
    () => ({ corrected: "\n# why\n" }),
  );

export const HABITS: Record<string, Habit> = {
  "a forgotten $": {
    codes: ["bare-binding"],
    edits: tokenEdits(types.reference, ({ image }) => image.slice(1)),
  },
  "$name in a string": {
    codes: ["bare-binding"],
    edits: tokenEdits(types.interpolation, ({ image }) => /^\{(\$.*)\}$/.exec(image.slice(1))?.[1]),
  },
  "${name} in a string": {
    codes: ["bare-binding"],
    edits: tokenEdits(types.interpolation, ({ image }) =>
      image.startsWith("${$") ? image.replace("${$", "${") : undefined,
    ),
  },
  "a missing closing quote": { codes: ["unclosed-string"], edits: without(quotes, "closing") },
  "a missing opening quote": { codes: ["unopened-string"], edits: without(quotes, "opening") },
  "no quotes": {
    codes: ["wrong-type", "unquoted", "bare-binding"],
    edits: both(
      quotes,
      "",
      "",
      (inner, before, after) =>
        /^[\w./:-]+$/.test(inner) &&
        !isSettingName(inner) &&
        !before.endsWith("path ") &&
        // A group that cannot be read is unknown where it is used, which may be earlier.
        !/groups \[[^\]]*$/.test(before) &&
        !after.startsWith(' "'),
    ),
  },
  "single quotes": {
    codes: ["other-quotes"],
    edits: both(quotes, "'", "'", (inner) => SIMPLE.test(inner) && inner !== ""),
  },
  "curved double quotes": { codes: ["other-quotes"], edits: both(quotes, "“", "”", (inner) => SIMPLE.test(inner)) },
  "curved single quotes": { codes: ["other-quotes"], edits: both(quotes, "‘", "’", (inner) => SIMPLE.test(inner)) },
  "low quotes": { codes: ["other-quotes"], edits: both(quotes, "„", "“", (inner) => SIMPLE.test(inner)) },
  backticks: { codes: ["other-quotes"], edits: both(quotes, "`", "`", (inner) => SIMPLE.test(inner)) },
  "a missing [": {
    codes: ["unmatched-bracket", "unopened-bracket", "missing-list-brackets"],
    edits: without(lists, "opening"),
  },
  "a missing ]": { codes: ["unclosed-bracket"], edits: without(lists, "closing") },
  "a missing {": {
    codes: ["unmatched-bracket", "unopened-bracket", "missing-braces"],
    edits: without(blocks, "opening"),
  },
  "a missing }": { codes: ["unclosed-bracket"], edits: without(blocks, "closing") },
  "no [ ]": {
    codes: ["missing-list-brackets"],
    edits: both(
      lists,
      "",
      "",
      (inner, before) =>
        inner.trim() !== "" &&
        !/\w ["']/.test(inner) &&
        !before.endsWith("= ") &&
        !inner.match(/[\w-]+/g)?.some(isSettingName),
    ),
  },
  "( ) for [ ]": { codes: ["other-brackets"], edits: both(lists, "(", ")") },
  "{ } for [ ]": { codes: ["other-brackets"], edits: both(lists, "{", "}") },
  "[ ] for { }": { codes: ["other-brackets"], edits: both(blocks, "[", "]") },
  "no { }": {
    codes: ["missing-braces"],
    edits: both(
      blocks,
      "",
      "",
      // The steps of a layer are also those of the image. `store` is a setting of `cache` and of the image.
      (inner, before) => inner.trim() !== "" && !/layer "[^\n]*$/.test(before) && !/^\s*store /.test(inner),
    ),
  },
  "= after a name": { codes: ["unneeded-sign"], edits: matching(NAME, ([name]) => `${name} =`) },
  ": after a name": { codes: ["unneeded-sign"], edits: matching(NAME, ([name]) => `${name}:`) },
  "; after a value": { codes: ["unneeded-sign"], edits: matching(/(?<=["\]}\w])(?=\n)/g, () => ";") },
  ", after a value": { codes: ["unneeded-sign"], edits: matching(/(?<=["\]}\w])(?=[ \n])(?! [={[<>])/g, () => ",") },
  "a // comment": { codes: ["other-comment"], edits: comment("//", "") },
  "a /* */ comment": { codes: ["other-comment"], edits: comment("/*", " */") },
  "a -- comment": { codes: ["other-comment"], edits: comment("--", "") },
  "a ; comment": { codes: ["other-comment"], edits: comment(";", "") },
  "a % comment": { codes: ["other-comment"], edits: comment("%", "") },
  "a <!-- --> comment": { codes: ["other-comment"], edits: comment("<!--", " -->") },
  "a -- comment after a setting": {
    codes: ["other-comment"],
    edits: matching(
      /(?<=["\]}\w])\n/g,
      () => " -- why\n",
      () => ({ corrected: " # why\n" }),
    ),
  },
  "two lists with ++": {
    codes: ["concatenation"],
    edits: matching(
      /(?<=(?:packages|store|absent|cmd|entrypoint) \[ )(?!nix )("[^"\n]*"|[\w.]+) (?=["\w])/g,
      ([, first]) => `${first} ] ++ [ `,
    ),
  },
  "strings with +": {
    codes: ["concatenation"],
    edits: matching(
      /"([^"\n$]+)\$\{(\$[\w-]+)\}([^"\n]+)"/g,
      ([, first, name, last]) => `"${first}" + ${name} + "${last}"`,
    ),
  },
  "${name} outside of strings": {
    codes: ["bare-interpolation"],
    edits: tokenEdits(types.reference, ({ image }) => `\${${image.slice(1)}}`),
  },
  "in after let": { codes: ["unneeded-sign"], edits: matching(/(?<=\n)(?=image )/g, () => "in ") },
  "a name in the block of the image": {
    codes: ["missing-value"],
    edits: matching(/(?<=^|\n)image ("[^"\n]*") \{/g, ([, name]) => `image { name ${name}`),
  },
  "variable of HCL": {
    codes: ["unknown-setting"],
    edits: matching(
      /(?<=^|\n)param ([\w-]+) = ("[^"\n]*"|\w+)(?=\n)/g,
      ([, name, value]) => `variable "${name}" {\n  type    = string\n  default = ${value}\n}`,
    ),
  },
  "a comment of several lines": {
    codes: ["other-comment"],
    edits: matching(
      /\n(?=[ ]*[\w"}])/g,
      () => "\n/*\n * why\n * not\n */\n",
      () => ({ corrected: "\n#\n# why\n# not\n#\n" }),
    ),
  },
  "sizes in other units": {
    codes: ["wrong-type"],
    edits: (text, tokens) =>
      ["lower", "short", "upper", "blank", "apart"].flatMap((kind) =>
        units(/^(\d+)([KMGT]i?B|kB)$/, (digits, unit) => {
          if (kind === "blank") return `${digits} ${unit}`;
          if (kind === "lower") return digits + unit.toLowerCase();
          if (kind === "short") return digits + unit.slice(0, -1);
          return kind === "upper" ? digits + unit.toUpperCase() : `"${digits} ${unit}"`;
        })(text, tokens),
      ),
  },
  "durations in other units": {
    codes: ["wrong-type"],
    edits: (text, tokens) =>
      [0, 1, 2, 3].flatMap((kind) =>
        units(/^(\d+)(ms|s|m|h|d)$/, (digits, unit) => {
          const long = { ms: "msec", s: "sec", m: "min", h: "hours", d: "days" }[unit] ?? unit;
          return [digits + long, digits + unit.toUpperCase(), `"${digits}${unit}"`, `"${digits} ${long}"`][kind] ?? "";
        })(text, tokens),
      ),
  },
  "a mode without 0": {
    codes: ["mode-without-zero", "wrong-type"],
    edits: matching(/\bmode 0(\d{3})\b/g, ([, digits]) => `mode ${digits}`),
  },
  "a mode as in other languages": {
    codes: ["wrong-type"],
    edits: matching(/\bmode 0(\d{3})\b/g, ([, digits]) => `mode 0o${digits}`),
  },
  "quotes around a value": {
    codes: ["wrong-type", "quoted-path"],
    edits: (_, tokens) =>
      tokens.flatMap((token, index) => {
        const isValue = token.tokenType === types.literal || token.tokenType === types.path;
        // In `users` and similar blocks, a name may be in quotes.
        const before = tokens[index - 1];
        // In `users` and similar blocks, a name may be in quotes. The default of a parameter may be a string.
        return isValue && before?.tokenType !== types.openBlock && before?.image !== "="
          ? [over(token, `"${token.image}"`)]
          : [];
      }),
  },
  "packages in quotes": {
    codes: ["wrong-type"],
    edits: matching(/(?<=(?:packages|store|absent) \[ )(?!nix )([\w.]+)(?= )/g, ([name]) => `"${name}"`),
  },
  "true after a flag": { codes: ["flag-value"], edits: matching(/\bno-setuid\b/g, ([name]) => `${name} true`) },
  "with pkgs;": {
    codes: ["nix-syntax"],
    edits: matching(/(?<=(?:packages|store|absent) )\[/g, () => "with pkgs; ["),
  },
  "pkgs.NAME": {
    codes: ["nix-syntax"],
    edits: matching(/(?<=(?:packages|store|absent) \[ )(?!nix )([\w.]+)(?= )/g, ([name]) => `pkgs.${name}`),
  },
  "${pkgs.NAME}": {
    codes: ["nix-syntax"],
    edits: tokenEdits(types.interpolation, ({ image }) =>
      /^\$\{[a-z][\w.]*\}$/.test(image) ? image.replace("${", "${pkgs.") : undefined,
    ),
  },
  "Nix assignments": {
    codes: ["unneeded-sign"],
    edits: matching(
      /(?<=\n *)([a-z][a-z-]*) ((?!=)(?:\[[^\n]*\]|"[^"\n]*"|[\w/]+))(?=\n)/g,
      ([, name, value]) => `${name} = ${value};`,
    ),
  },
  "JSON members": {
    codes: ["quoted-name", "unneeded-sign"],
    edits: matching(
      /(?<=\n +)(?!experimental-features)([a-z][a-z-]*) ((?!=)(?:\[[^\n]*\]|"[^"\n]*"|[\w/]+))(?=\n)/g,
      ([, name, value]) => `"${name}": ${value},`,
    ),
  },
  "a YAML mapping": {
    codes: ["unneeded-sign"],
    edits: matching(
      /(?<=\n +)([a-z][a-z-]*) ((?!=)(?:"[^"\n]*"|[\w/]+))(?=\n)/g,
      ([, name, value]) => `${name}: ${value}`,
    ),
  },
  "a YAML list": {
    codes: ["unneeded-sign", "missing-list-brackets"],
    edits: matching(
      /(?<=\n)( +)(packages|store|entrypoint|expose) \[ (?![^\n]*\bnix\b|\$\w+ \])([^\n[\]]+) \](?=\n)/g,
      ([, indent = "", name, items = ""]) =>
        `${indent}${name}:\n${(items.match(/"[^"]*"|\S+/g) ?? []).map((item) => `${indent}  - ${item}`).join("\n")}`,
    ),
  },
  "an upper-case instruction": {
    codes: ["unknown-setting"],
    edits: matching(/(?<=\n +)(?:expose|user|workdir|entrypoint|cmd|env|volumes|labels|healthcheck)(?= )/g, ([name]) =>
      name.toUpperCase(),
    ),
  },
  "NAME=value": {
    codes: ["unneeded-sign"],
    edits: matching(/(?<=env \{ )([A-Z]+) ("[^"\n]*")/g, ([, name, value]) => `${name}=${value}`),
  },
  "a list of NAME=value": {
    codes: ["listed-entries"],
    edits: matching(
      /(?<=env )\{ ((?:[A-Z]+ "[^"\n]*" )+)\}/g,
      ([, entries = ""]) => `[ ${entries.replaceAll(/([A-Z]+) "/g, '"$1=')}]`,
    ),
  },
  "names and values": {
    codes: ["listed-entries"],
    edits: matching(
      /(?<=env )\{ ((?:[A-Z]+ "[^"\n]*" )+)\}/g,
      ([, entries = ""]) => `[ ${entries.replaceAll(/([A-Z]+) ("[^"]*")/g, '{ name "$1" value $2 }')}]`,
    ),
  },
  "a YAML list of names and values": {
    codes: ["unneeded-sign", "listed-entries"],
    edits: matching(
      /(?<=\n *)env \{ ((?:[A-Z]+ "[^"\n]*" )+)\}(?=\n)/g,
      ([, entries = ""]) =>
        `env:\n${entries.replaceAll(/([A-Z]+) ("[^"]*") /g, "      - name: $1\n        value: $2\n")}`,
    ),
  },
  "a set of ports": {
    codes: ["other-brackets"],
    edits: matching(
      /(?<=expose )\[ ([^\]]*)\]/g,
      ([, ports = ""]) => `{ ${ports.replaceAll(/(\S+) /g, '"$1" = { }; ')}}`,
    ),
  },
  "a base without its word": {
    codes: ["missing-value"],
    edits: matching(/(?<=base )(?:image|registry) (?=")/g, () => ""),
  },
  "=> after a name": { codes: ["unneeded-sign"], edits: matching(NAME, ([name]) => `${name} =>`) },
  "a name in camel case": {
    codes: ["unknown-setting"],
    edits: matching(/(?<=[\n{] *)[a-z]+(?:-[a-z]+)+(?= )/g, ([name]) =>
      isSettingName(name) ? name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()) : name,
    ),
  },
  "a name with a capital letter": {
    codes: ["unknown-setting"],
    edits: matching(
      /(?<=\n *)(?:packages|config|files|author|manifest|expect|layers|image)\b/g,
      ([name]) => name.slice(0, 1).toUpperCase() + name.slice(1),
    ),
  },
  // Without images, a file of bindings is TOML.
  "no let": { codes: ["unknown-setting"], edits: matching(/(?<=^|\n)let (?=[\w-]+ = [^]*\nimage ")/g, () => "") },
  "const for let": { codes: ["unknown-setting"], edits: matching(/(?<=^|\n)let (?=[\w-]+ = )/g, () => "const ") },
  "var.name": {
    codes: ["bare-binding"],
    edits: tokenEdits(types.reference, ({ image }) => `var.${image.slice(1)}`),
  },
  "$(name) in a string": {
    codes: ["bare-binding"],
    edits: tokenEdits(types.interpolation, ({ image }) =>
      image.startsWith("${$") ? `$(${image.slice(3, -1)})` : undefined,
    ),
  },
  "{{ name }} in a string": {
    codes: ["bare-binding"],
    edits: tokenEdits(types.interpolation, ({ image }) =>
      image.startsWith("${$") ? `{{ ${image.slice(3, -1)} }}` : undefined,
    ),
  },
  "a misspelt name": {
    codes: ["unknown-setting"],
    edits: matching(
      /(?<=\n *)(?:packages|config|files|author|manifest|expect|layers)\b/g,
      ([name]) => name.slice(0, 2) + name.slice(3),
    ),
  },
};

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
