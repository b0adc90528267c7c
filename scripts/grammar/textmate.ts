/** Generates a TextMate grammar in which each table of settings is a rule, so that colours depend on the block. */
import { fileSettings } from "../../src/language/schema/file.ts";
import { newNameForm } from "../../src/language/types/form.ts";
import { settingName } from "../../src/language/types/setting.ts";
import type { Inside, Form, Setting, Settings } from "../../src/language/types/type.ts";
import { tokens } from "../../src/language/syntax/tokens.ts";
import { blockOf, wordsOf } from "./forms.ts";
import { portableSource } from "./portable-source.ts";

interface Pattern {
  name?: string;
  contentName?: string;
  match?: string;
  begin?: string;
  end?: string;
  captures?: Captures;
  beginCaptures?: Captures;
  endCaptures?: Captures;
  applyEndPatternLast?: 1;
  include?: string;
  patterns?: Pattern[];
}
type Captures = Record<string, { name: string }>;

const scope = (name: string): string => `${name}.imgspec`;
const include = (name: string): Pattern => ({ include: `#${name}` });
const named = (name: string): Captures => ({ 0: { name: scope(name) } });

/** Matches words that are not part of a longer name or a path. */
const whole = (words: readonly string[]): string => `(?<![\\w.'/-])(?:${words.join("|")})(?![\\w.'/-])`;
const declaration = `^(?=${whole(Object.keys(fileSettings))})`;
/** Lets a block or list also end at a declaration: if one follows, a bracket before it was not closed. */
const orDeclaration = (end: string): string => `${end}|${declaration}`;
const quoted = String.raw`"(?:[^"\\\n]|\\.)*"`;
const indented = String.raw`''(?:[^'\n]|'(?!')|''['$\\])*''(?!['$\\])`;
/** A key on one line. A key over several lines is coloured as a string. */
const key = `${quoted}|${indented}|${portableSource(tokens.slashed)}|${portableSource(tokens.word)}|${portableSource(tokens.literal)}`;

export function textmate(): string {
  const repository: Record<string, Pattern> = { ...lexical() };
  const done = new Map<Settings, string>();

  /** The rule of a table, created at the first use of the table. */
  function table(settings: Settings, owner: string): Pattern {
    const known = done.get(settings);
    if (known !== undefined) return include(known);
    const name = `settings-of-${owner}`;
    done.set(settings, name);
    const words = Object.entries(settings).map(([each, setting]) => settingName(each, setting));
    // `nix` before a string is a value, not a setting.
    const next = `(?=${whole(words.map((each) => (each === "nix" ? `nix(?!\\s*["'])` : each)))})`;
    const kind = settings === fileSettings ? "keyword.declaration" : "support.type.property-name";
    const patterns = Object.entries(settings).map(([each, of]) => region(settingName(each, of), of, kind, next));
    repository[name] = { patterns: [include("comment"), ...patterns, include("value")] };
    return include(name);
  }

  /** The region from a setting's name to the next setting. */
  function region(name: string, { type }: Setting<unknown>, kind: string, next: string): Pattern {
    const binds = type.form.kind === "sequence" && type.form.parts[0] === newNameForm;
    return {
      begin: binds ? `(${whole([name])})(?:\\s+(${portableSource(tokens.word)}))?` : `(${whole([name])})`,
      beginCaptures: {
        1: { name: scope(kind) },
        2: { name: scope("variable.other.definition") },
      },
      end: orDeclaration(`(?<=\\})|(?=\\})|${next}`),
      patterns: [include("comment"), ...values(type.form, name)],
    };
  }

  /** The patterns after a setting's name: the blocks and words of the setting, and any value. */
  function values(form: Form, owner: string): Pattern[] {
    const inside = blockOf(form);
    const words = wordsOf(form);
    const inList = listOf(form);
    const ofItem = inList === undefined ? undefined : blockOf(inList);
    return [
      ...(inside === undefined ? [] : [block(inside, owner)]),
      include("expression"),
      ...(words.length === 0 ? [] : [{ match: whole(words), name: scope("constant.language") }]),
      ...(words.length === 0 ? [] : [list(words, ofItem && block(ofItem, owner))]),
      include("value"),
    ];
  }

  function block(inside: Inside, owner: string): Pattern {
    const patterns =
      inside.kind === "settings" ? [table(inside.settings(), owner)] : [entries(inside.value.form, owner)];
    return {
      begin: "\\{",
      end: orDeclaration("\\}"),
      beginCaptures: named("punctuation.section.block.begin"),
      endCaptures: named("punctuation.section.block.end"),
      patterns,
    };
  }

  /** The entries of a block whose keys the user chooses. */
  function entries(form: Form, owner: string): Pattern {
    const name = `entries-of-${owner}`;
    repository[name] ??= {
      patterns: [
        include("comment"),
        {
          begin: `(${key})\\s+`,
          beginCaptures: { 1: { name: scope("entity.name.tag") } },
          end: orDeclaration(`(?=\\})|${entryEnd(form)}`),
          ...(startsWithWord(form) ? {} : { applyEndPatternLast: 1 }),
          patterns: [include("comment"), ...values(form, `${owner}-entry`)],
        },
        ...values(form, `${owner}-entry`),
      ],
    };
    return include(name);
  }

  const top = table(fileSettings, "file");
  const grammar = {
    $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
    name: "imgspec",
    scopeName: "source.imgspec",
    fileTypes: ["imgspec"],
    patterns: [top],
    repository,
  };
  return JSON.stringify(grammar);
}

/** Matches the end of an entry's value. */
function entryEnd(form: Form): string {
  if (startsWithWord(form)) return `(?=(?:${key})\\s+${whole(wordsOf(form))})`;
  return blockOf(form) === undefined ? `(?<=["'\\d])` : "(?<=\\})";
}

/** The form of the list in brackets, if a value can be one. */
function listOf(form: Form): Form | undefined {
  if (form.kind === "choice") return form.options.map(listOf).find((found) => found !== undefined);
  const isList = form.kind === "sequence" && form.parts[0]?.kind === "exact" && form.parts[0].text === "[";
  return isList ? form : undefined;
}

/** `ofItem`: the block that an item may have. */
function list(words: readonly string[], ofItem?: Pattern): Pattern {
  return {
    begin: "\\[",
    end: orDeclaration("\\]"),
    beginCaptures: named("punctuation.section.list.begin"),
    endCaptures: named("punctuation.section.list.end"),
    patterns: [
      include("comment"),
      ...(ofItem === undefined ? [] : [ofItem]),
      ...(words.length === 0 ? [] : [{ match: whole(words), name: scope("constant.language") }]),
      include("value"),
    ],
  };
}

function lexical(): Record<string, Pattern> {
  const interpolation: Pattern = {
    match: portableSource(tokens.interpolation),
    name: scope("meta.interpolation variable.other.interpolation"),
  };
  const wrong: Pattern = {
    match: portableSource(tokens.badInterpolation),
    name: scope("invalid.illegal.interpolation"),
  };
  const escape = (match: string): Pattern => ({ match, name: scope("constant.character.escape") });
  return {
    comment: {
      match: "(#).*$",
      name: scope("comment.line.number-sign"),
      captures: { 1: { name: scope("punctuation.definition.comment") } },
    },
    expression: {
      match: `(?<![\\w.'/-])(nix|path)(?=\\s*(?:"|''))`,
      name: scope("keyword.operator.expression"),
    },
    list: list([]),
    text: {
      patterns: [
        {
          begin: '"',
          end: '"|$',
          name: scope("string.quoted.double"),
          patterns: [escape(portableSource(tokens.escape)), interpolation, wrong],
        },
        {
          begin: "''",
          end: "''(?!['$\\\\])",
          name: scope("string.quoted.other.indented"),
          patterns: [escape(String.raw`'''|''\$|''\\.`), interpolation, wrong],
        },
      ],
    },
    value: {
      patterns: [
        include("expression"),
        include("list"),
        include("text"),
        { match: portableSource(tokens.reference), name: scope("variable.other.binding") },
        { match: portableSource(tokens.slashed), name: scope("constant.other.platform") },
        { match: portableSource(tokens.path), name: scope("string.unquoted.path") },
        { match: portableSource(tokens.literal), name: scope("constant.numeric") },
        { match: portableSource(tokens.operator), name: scope("keyword.operator") },
        { match: portableSource(tokens.word), name: scope("entity.name.type.package") },
      ],
    },
  };
}

/** Whether the form always begins with a word of the language. */
function startsWithWord(form: Form): boolean {
  if (form.kind === "exact") return true;
  if (form.kind === "choice") return form.options.every(startsWithWord);
  return form.kind === "sequence" && form.parts[0] !== undefined && startsWithWord(form.parts[0]);
}
