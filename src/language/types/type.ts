// What a kind of value is: how many terms it takes, what it means, and how to call it in a message.
import type * as z from "zod/mini";
import type { Code, Parameters } from "../../diagnostics/catalogue.ts";
import type { DiagnosticDetails } from "../../diagnostics/diagnostic.ts";
import type { RawTerm } from "../syntax/terms.ts";
import { plainText, type Span, type Term } from "../syntax/tree.ts";
import type { ParamSpec } from "./values.ts";

/** What a `$name` stands for: a term where it was bound, or a parameter. */
export type Bound = { kind: "term"; term: Term; scope: Scope } | { kind: "param"; param: ParamSpec };

/** What reading a value may ask of the file it stands in. */
export interface Scope {
  file: string;
  report<C extends Code>(code: C, span: Span, parameters: Parameters<C>, details?: DiagnosticDetails): void;
  /** What a name is bound to; reports and gives undefined where there is nothing to read. */
  follow(name: string, span: Span): Bound | undefined;
  /** A written path as an absolute one. */
  absolute(path: string): string;
  exists(path: string): boolean;
  /** Resolves symbolic links. */
  real(path: string): string;
  readonly directory: string;
  /** What a parameter is when nobody sets it; null where it must be set. */
  argument(param: string): string | number | null;
}

/** The values of one setting, read from the first to the last. */
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

  /** Where something is missing: at the end of what is there. */
  get end(): Span {
    const last = this.index === 0 ? this.owner : (this.terms[this.index - 1] ?? this.owner);
    return last.span;
  }
}

/** How a value is written, as data: grammars and the reference are made from it. */
export type Form =
  | { kind: "exact"; text: string }
  | { kind: "pattern"; pattern: RegExp }
  | { kind: "named"; name: string; form: Form }
  | { kind: "sequence"; parts: readonly Form[] }
  | { kind: "choice"; options: readonly Form[] }
  | { kind: "optional"; part: Form }
  | { kind: "many"; part: Form }
  | { kind: "block"; inside: Inside };

/** How the inside of a block is divided: by known settings, or into entries of one type. */
export type Inside =
  | { kind: "settings"; settings: () => Settings }
  | { kind: "entries"; key: Form; isKey: (term: RawTerm) => boolean; value: Type<unknown> };

/** A kind of value. */
export interface Type<T> {
  readonly label: string;
  readonly form: Form;
  readonly schema: () => z.ZodMiniType<T>;
  /** How many of the terms from `at` on belong to the value; 0 where it can not start. */
  take(terms: readonly RawTerm[], at: number): number;
  /** Whether more is needed than `take` found; that it found nothing, by default. */
  due?(terms: readonly RawTerm[], at: number): boolean;
  /** Whether a value of it starts with this term, for what may be left out. */
  starts(term: Term | RawTerm): boolean;
  read(cursor: Cursor, scope: Scope): T | undefined;
  readonly words?: readonly string[];
  /** Whether values are written in `[ ]`. */
  readonly isList?: true;
  /** Whether the setting's name alone is the value. */
  readonly isFlag?: true;
  readonly inside?: Inside;
  /** The types by first word, if the first word decides what follows. */
  readonly cases?: Readonly<Record<string, Type<unknown>>>;
}

/** One setting as data; the checker, the Spec's type, the JSON schema and the reference come from it. */
export interface Setting<T> {
  readonly type: Type<unknown>;
  readonly fallback: (read: ReadonlyMap<string, unknown>) => T;
  readonly doc: string;
  readonly example: string;
  /** Written several times, each adding one to a list. */
  readonly many: boolean;
  readonly required: boolean;
  /** How it is written, where that is not the key in kebab case. */
  readonly written: string | undefined;
}

export type Settings = Record<string, Setting<unknown>>;

/** The settings or entries in the type's block, which may depend on the word before the block. */
export function insideOf(type: Type<unknown> | undefined, values: readonly (Term | RawTerm)[]): Inside | undefined {
  for (const value of values) {
    const found =
      value.kind === "word" && Object.hasOwn(type?.cases ?? {}, value.text) ? type?.cases?.[value.text] : undefined;
    if (found !== undefined) return found.inside;
  }
  return type?.inside;
}

/** Whether something of a value is still missing behind what stands at a place. */
export function isDue(type: Type<unknown>, terms: readonly RawTerm[], at: number): boolean {
  return type.due?.(terms, at) ?? type.take(terms, at) === 0;
}

/** How a term is called in a message. */
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
