/** Types of values: which terms belong to a value, how to read them, and the type's name in messages. */
import type * as z from "zod/mini";
import type { Code, Parameters } from "../../diagnostics/catalogue.ts";
import type { DiagnosticDetails, Fix } from "../../diagnostics/diagnostic.ts";
import type { RawTerm } from "../syntax/terms.ts";
import { plainText, type Span, type Term } from "../syntax/tree.ts";
import type { ParamSpec } from "./values.ts";

/** The meaning of a `$name`: the term that `let` binds, with the scope of its file, or a parameter. */
export type Bound = { kind: "term"; term: Term; scope: Scope } | { kind: "param"; param: ParamSpec };

/** The context in which values of a file are read. */
export interface Scope {
  file: string;
  report<C extends Code>(code: C, span: Span, parameters: Parameters<C>, details?: DiagnosticDetails): void;
  /** Resolves a `$name`. Undefined if the name is unknown, which is reported, or if its binding has no valid value. */
  follow(name: string, span: Span): Bound | undefined;
  /** Makes a path absolute: relative paths start from the file's folder. */
  absolute(path: string): string;
  exists(path: string): boolean;
  /** Resolves symbolic links. */
  real(path: string): string;
  /** The absolute path of the file's folder. */
  readonly directory: string;
  /** Suggestions for `name`, which a block with these `settings` does not have; the likeliest first. */
  synonyms(settings: Settings, name: string): Synonym[];
  /** Whether the file, or a file that it imports, has an image of this name. */
  hasImage(name: string): boolean;
  /** The value of a parameter: the caller's value, or else the default; null if there is neither. */
  argument(param: string): string | number | null;
}

/** The counterpart in imgspec of a name of another tool. */
export type Synonym =
  | {
      kind: "setting";
      /**
       * The path to the setting. It starts at the block in which the user wrote the unknown name, or, if `isOuter`, at the
       * image.
       */
      path: readonly string[];
      /** Whether the setting belongs outside of the block of the name. */
      isOuter: boolean;
      setting: Setting<unknown>;
    }
  | { kind: "advice"; advice: string };

/** Reads the values of one setting in order. */
export class Cursor {
  readonly terms: readonly Term[];
  readonly owner: Term;
  index = 0;

  constructor(owner: Term, terms: readonly Term[]) {
    this.owner = owner;
    this.terms = terms;
  }

  get next(): Term | undefined {
    return this.terms[this.index];
  }

  /** The place to report a missing value: the last term before it. */
  get end(): Span {
    const last = this.index === 0 ? this.owner : (this.terms[this.index - 1] ?? this.owner);
    return last.span;
  }
}

/** The syntax of a value as data; grammars and the reference are generated from it. */
export type Form =
  | { kind: "exact"; text: string }
  | { kind: "pattern"; pattern: RegExp }
  | { kind: "named"; name: string; form: Form }
  | { kind: "sequence"; parts: readonly Form[] }
  | { kind: "choice"; options: readonly Form[] }
  | { kind: "optional"; part: Form }
  | { kind: "many"; part: Form }
  | { kind: "block"; inside: Inside };

/** The contents of a block: known settings, or entries of one type. */
export type Inside =
  | { kind: "settings"; settings: () => Settings }
  | {
      kind: "entries";
      key: Form;
      isKey: (term: RawTerm) => boolean;
      /** Whether a text is a valid key; by default, every text is. */
      isValidKey?: ((text: string) => boolean) | undefined;
      value: Type<unknown>;
    };

export interface Type<T> {
  /** The name in messages. */
  readonly label: string;
  readonly form: Form;
  readonly schema: () => z.ZodMiniType<T>;
  /** The number of terms, from `at` on, that belong to the value; 0 if no value starts there. */
  take(terms: readonly RawTerm[], at: number): number;
  /** Whether the value needs more terms than `take` found. By default: whether `take` found none. */
  isIncomplete?(terms: readonly RawTerm[], at: number): boolean;
  /** Whether a value can start with this term; decides whether an optional value is present. */
  starts(term: Term | RawTerm): boolean;
  /** Reads the value; reports invalid values and returns undefined for them. */
  read(cursor: Cursor, scope: Scope): T | undefined;
  /** The keywords that a value may contain. */
  readonly words?: readonly string[];
  /** Whether values are in `[ ]`. */
  readonly isList?: true;
  /** For a value that starts at `at`: the index in `terms` where its `[ ]` list must begin. */
  listAt?(terms: readonly RawTerm[], at: number): number | undefined;
  /** For a list that may lack its brackets: the number of items from `at` on, and the index in `terms` after them. */
  itemsAt?(terms: readonly RawTerm[], at: number): { items: number; end: number };
  /** The type of the items of a list. */
  readonly item?: Type<unknown>;
  /** Whether an item of a list of this type may have a block after its word. */
  readonly hasItemBlocks?: true;
  /** Whether a single value needs no list. */
  readonly mayBeSingle?: true;
  /** For a string in the place of a list: the text of the list, if brackets alone do not make a valid one. */
  listFor?(text: string): string | undefined;
  /** Whether a value starts with a comparison. */
  readonly isBound?: true;
  /** Whether the setting has no values: its presence means true. */
  readonly isFlag?: true;
  /** The contents of the value's block. */
  readonly inside?: Inside;
  /** Rules that the form does not show, such as ranges; the reference lists them. */
  readonly rules?: readonly string[];
  /** The types of the values after the first word, if that word determines the type. */
  readonly cases?: Readonly<Record<string, Type<unknown>>>;
}

/** The values of a block's settings by their keys; undefined for an absent setting without a default. */
export interface OtherSettings {
  get(key: string): unknown;
}

/** A setting as data. The checker, the type of the Spec, the JSON schema and the reference are derived from it. */
export interface Setting<T> {
  readonly type: Type<unknown>;
  /** The default. `read`: the other settings of the block. */
  readonly fallback: (read: OtherSettings) => T;
  readonly doc: string;
  readonly example: string;
  /** Whether the setting can be repeated; its values are then collected in a list. */
  readonly many: boolean;
  readonly required: boolean;
  /** The name in the text, if it is not the key in kebab case. */
  readonly spelling: string | undefined;
}

export type Settings = Record<string, Setting<unknown>>;

/**
 * The contents of a value's block, which may depend on the word before the block. `start` and `end`: the part of
 * `values` with the value.
 */
export function insideOf(
  type: Type<unknown> | undefined,
  values: readonly (Term | RawTerm)[],
  start = 0,
  end = values.length,
): Inside | undefined {
  const cases = type?.cases;
  if (cases === undefined) return type?.inside;
  for (let i = start; i < end; i++) {
    const value = values[i];
    if (value?.kind === "word" && Object.hasOwn(cases, value.text)) return cases[value.text]?.inside;
  }
  return type?.inside;
}

/** The contents of a block among the items of a list, which depend on the last word before the block. */
export function insideOfItem(
  type: Type<unknown> | undefined,
  items: readonly (Term | RawTerm)[],
  index: number,
): Inside | undefined {
  const word = items.findLastIndex(({ kind }, i) => i < index && kind === "word");
  return type?.hasItemBlocks === true && word >= 0 ? insideOf(type, [items[word] as Term]) : undefined;
}

/** Whether the value at `at` needs more terms than those it takes. */
export function isIncomplete(type: Type<unknown>, terms: readonly RawTerm[], at: number): boolean {
  return type.isIncomplete?.(terms, at) ?? type.take(terms, at) === 0;
}

/** The edits after which a type accepts terms; undefined if it does not accept them. */
export function editsToRead(
  type: Type<unknown>,
  owner: Term,
  terms: readonly Term[],
  scope: Scope,
): Fix["edits"] | undefined {
  const edits: Fix["edits"] = [];
  let isAccepted = true;
  const report: Scope["report"] = (_code, _span, _parameters, details) => {
    if (details?.fix === undefined) isAccepted = false;
    else edits.push(...details.fix.edits);
  };
  const cursor = new Cursor(owner, terms);
  type.read(cursor, { ...scope, report });
  return isAccepted && cursor.next === undefined ? edits : undefined;
}

/** Describes a term in a message. */
export function describe(term: Term): string {
  switch (term.kind) {
    case "word":
    case "literal":
    case "path":
    case "operator":
      return `\`${term.text}\``;
    case "reference":
      return `\`$${term.name}\``;
    case "string": {
      const text = plainText(term);
      return text === undefined || text.length > 30 || text.includes("\n") ? "a string" : `the string "${text}"`;
    }
    case "list":
      return "a list";
    case "block":
      return "a block";
    case "expression":
      return term.word === "nix" ? "a Nix expression" : "a path";
  }
}
