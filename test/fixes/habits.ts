/** Habits from other languages, as edits that break a valid description. */
import type { Code } from "../../src/diagnostics/catalogue.ts";
import { configSettings } from "../../src/language/schema/config.ts";
import { expectSettings } from "../../src/language/schema/expect.ts";
import { imageSettings } from "../../src/language/schema/image.ts";
import { tokenize, tokens as types, type Token, type TokenType } from "../../src/language/syntax/tokens.ts";
import { settingsByName } from "../../src/language/types/setting.ts";

const SCHEMAS = { imageSettings, configSettings, expectSettings };

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
