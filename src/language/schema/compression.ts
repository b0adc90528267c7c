/** Types of an image's compression: one form of the layers, or two forms side by side. */
import * as z from "zod/mini";
import type { Fix } from "../../diagnostics/diagnostic.ts";
import { alternatives } from "../../diagnostics/entries/entry.ts";
import type { RawTerm } from "../syntax/terms.ts";
import { between, plainText, type Span, type Term } from "../syntax/tree.ts";
import { block, defaults, readAll } from "../types/block.ts";
import { choice } from "../types/choice.ts";
import { constant, flag, mapped, optional, sequence } from "../types/combine.ts";
import { exact, inOrder, oneOf } from "../types/form.ts";
import { integer } from "../types/number.ts";
import { reportInnerList } from "../types/list.ts";
import { replacement, termText } from "../types/scalar.ts";
import { findSetting, setting } from "../types/setting.ts";
import { describe, isIncomplete, type Scope, type Type } from "../types/type.ts";
import { once } from "../types/values.ts";

const compressionSchema = once(() =>
  z.strictObject({
    algorithm: z.enum(["none", "gzip", "zstd"]),
    level: z.union([z.int(), z.null()]),
    chunked: z.optional(z.literal(true)),
  }),
);
export type Compression = z.infer<ReturnType<typeof compressionSchema>>;

/** Two forms of the same layers: gzip first, since clients without zstd take the first manifest of an index. */
export type Forms = [gzip: Compression, zstd: Compression];
const formsSchema = (): z.ZodMiniType<Compression | Forms> =>
  z.union([compressionSchema(), z.tuple([compressionSchema(), compressionSchema()])]);

/** The forms of the layers, in the order of the index. */
export function formsOf(value: Compression | Forms): Compression[] {
  return Array.isArray(value) ? value : [value];
}

const zstdSettings = {
  chunked: setting(flag, false, {
    doc: "Makes zstd:chunked layers, of which Podman and CRI-O can pull only the changed parts of files. The default level is then 6. docs/chunked.md says which clients gain from such layers, and with which settings.",
    example: "chunked",
  }),
};

const gzip: Type<Compression> = mapped(optional(level(9), null), compressionSchema, (number) => ({
  algorithm: "gzip",
  level: number,
}));
const zstd: Type<Compression> = sequence(
  [optional(level(22), null), optional(block(zstdSettings), defaults(zstdSettings))],
  compressionSchema,
  (number, { chunked }): Compression => ({ algorithm: "zstd", level: number, ...(chunked && { chunked }) }),
);
const anyForm = choice<Compression>({
  none: constant<Compression>({ algorithm: "none", level: null }, compressionSchema),
  gzip,
  zstd,
});
/** The list of forms, without levels. */
export const FORMS = "[ gzip zstd ]";
const label = alternatives([...(anyForm.words ?? []), FORMS]);

function level(max: number): ReturnType<typeof integer> {
  return integer(1, max, `a level from 1 to ${max}`);
}

/** Reads one form. Reports a form in quotes, and a name such as `zstd:chunked`, with a fix. */
const oneForm: Type<Compression> = {
  ...anyForm,
  read(cursor, scope) {
    const instead = cursor.next === undefined ? undefined : formIn(cursor.next);
    if (cursor.next === undefined || instead === undefined) return anyForm.read(cursor, scope);
    const { span } = cursor.next;
    const parameters = {
      expected: label,
      found: describe(cursor.next),
      hint: `; write \`${instead}\`${cursor.next.kind === "string" ? ", without quotes" : ""}`,
    };
    scope.report("wrong-type", span, parameters, { fix: replacement(scope, span, instead) });
    cursor.index = cursor.terms.length;
    return undefined;
  },
};

/** The text of a form for `zstd:chunked` and `gzip:6`, and for forms in quotes; undefined for any other term. */
function formIn(term: Term): string | undefined {
  const text = term.kind === "literal" ? term.text : plainText(term)?.trim();
  if (text === undefined) return undefined;
  const [, algorithm, detail] = /^(gzip|zstd):(\d{1,2}|chunked)$/.exec(text) ?? [];
  if (detail === "chunked") return algorithm === "zstd" ? "zstd { chunked }" : undefined;
  if (algorithm !== undefined) return `${algorithm} ${detail}`;
  if (ONE_FORM.test(text) || FORMS_IN_BRACKETS.test(text)) return text;
  return SEVERAL_FORMS.test(text) ? `[ ${text} ]` : undefined;
}

const FORM = String.raw`(?:none|gzip(?:\s+\d)?|zstd(?:\s+\d{1,2})?(?:\s*\{\s*chunked\s*\})?)`;
const SEVERAL = String.raw`${FORM}(?:,?\s+${FORM})*`;
const ONE_FORM = new RegExp(`^${FORM}$`);
const SEVERAL_FORMS = new RegExp(`^${SEVERAL}$`);
const FORMS_IN_BRACKETS = new RegExp(String.raw`^\[\s*${SEVERAL}\s*\]$`);

export const compression: Type<Compression | Forms> = {
  ...oneForm,
  label,
  form: oneOf(anyForm.form, inOrder(exact("["), exact("gzip"), gzip.form, exact("zstd"), zstd.form, exact("]"))),
  schema: formsSchema,
  hasItemBlocks: true,
  starts: (term) => term.kind === "list" || anyForm.starts(term),
  take: (terms, at) => (terms[at]?.kind === "list" ? 1 : anyForm.take(terms, at)),
  isIncomplete: (terms, at) => terms[at]?.kind !== "list" && isIncomplete(anyForm, terms, at),
  itemsAt(terms, at) {
    let [items, end] = [0, at];
    for (let taken = formAt(terms, end); taken > 0; taken = formAt(terms, end)) {
      items += 1;
      end += taken;
    }
    return { items, end };
  },
  read(cursor, scope) {
    const term = cursor.next;
    if (term?.kind !== "list") return oneForm.read(cursor, scope);
    cursor.index += 1;
    return readForms(term, cursor.owner, scope);
  },
};

/** The number of terms of the form at `at`. A `chunked` without its braces belongs to the form. */
function formAt(terms: readonly RawTerm[], at: number): number {
  const taken = anyForm.take(terms, at);
  const next = terms[at + taken];
  return taken > 0 && next?.kind === "word" && findSetting(zstdSettings, next.text) !== undefined ? taken + 1 : taken;
}

type ListTerm = Extract<Term, { kind: "list" }>;

interface ReadForm {
  value: Compression;
  span: Span;
}

/** Reads a list of forms: `gzip`, then `zstd`, each with its level and block. Reports the mistakes of all forms. */
function readForms(list: ListTerm, owner: Term, scope: Scope): Forms | undefined {
  let isValid = true;
  const report: Scope["report"] = (...parameters) => {
    isValid = false;
    scope.report(...parameters);
  };
  const read: ReadForm[] = [];
  for (const terms of formsIn(list.items)) {
    const [first, last] = [terms[0], terms.at(-1)] as [Term, Term];
    const span = between(first.span, last.span);
    const value = readItem(terms, span, owner, { ...scope, report });
    // A binding without a valid value is reported at the binding.
    if (value === undefined) isValid = false;
    else read.push({ value, span });
  }
  if (!isValid) return undefined;
  const [one, two] = read;
  reportForms(list, read, { ...scope, report });
  return isValid && one !== undefined && two !== undefined ? [one.value, two.value] : undefined;
}

function readItem(terms: readonly Term[], span: Span, owner: Term, scope: Scope): Compression | undefined {
  const [first] = terms;
  if (first?.kind === "list") {
    reportInnerList(first, scope);
    return undefined;
  }
  const at = terms.findIndex((term) => isBareSetting(term));
  const bare = terms[at];
  if (bare === undefined) return readAll({ name: owner, values: [...terms], span }, oneForm, scope);
  const input = termText(bare);
  const fix = {
    title: "put it between `{` and `}`",
    edits: replacement(scope, bare.span, `{ ${input} }`).edits,
  };
  scope.report("missing-braces", bare.span, { input }, { fix });
  return undefined;
}

/** Divides the items of a list into forms. */
function formsIn(items: readonly Term[]): Term[][] {
  const forms: Term[][] = [];
  for (const item of items) {
    const form = forms.at(-1);
    if (form !== undefined && isDetail(item)) form.push(item);
    else forms.push([item]);
  }
  return forms;
}

/** Whether a term belongs to the form before it: levels, blocks, and settings without braces do. */
function isDetail(term: Term): boolean {
  const text = term.kind === "literal" ? term.text : plainText(term);
  if (text !== undefined) return /^[+-]?\d+$/.test(text);
  return term.kind === "block" || term.kind === "reference" || isBareSetting(term);
}

function isBareSetting(term: Term): boolean {
  return term.kind === "word" && findSetting(zstdSettings, term.text) !== undefined;
}

/** Reports forms that are not `gzip` and `zstd`, each once. */
function reportForms({ span }: ListTerm, read: readonly ReadForm[], scope: Scope): void {
  const [one, two] = read;
  const instead = (text: string): Fix => replacement(scope, span, text);
  if (one === undefined) {
    const choices = [...(anyForm.words ?? []), FORMS].map(instead);
    return scope.report("wrong-forms", span, { mistake: "empty" }, { choices });
  }
  if (two === undefined) {
    const form = formText(one.value);
    return scope.report("wrong-forms", span, { mistake: "single", form }, { fix: instead(form) });
  }
  const algorithms = new Map<string, ReadForm>();
  let isPair = true;
  for (const [i, { value, span: at }] of read.entries()) {
    const { algorithm } = value;
    const before = algorithms.get(algorithm);
    if (before === undefined) algorithms.set(algorithm, { value, span: at });
    if (before === undefined && algorithm !== "none") continue;
    isPair = false;
    const others = read.filter((_, other) => other !== i).map((other) => other.value);
    const isRight = new Set(others.map((other) => other.algorithm)).size === others.length && others.length === 2;
    const isSame = before !== undefined && formText(before.value) === formText(value);
    const start = read[i - 1]?.span.end;
    const removal =
      start === undefined ? { start: at.start, end: read[i + 1]?.span.start ?? at.end } : { start, end: at.end };
    const remove = { title: `remove \`${formText(value)}\``, edits: [{ file: scope.file, span: removal, text: "" }] };
    const isClear = isRight && (isSame || algorithm === "none") && others.every((other) => other.algorithm !== "none");
    const details = isClear ? { fix: remove } : { choices: [remove, ...pairOf(read).map(instead)] };
    const related =
      before === undefined ? [] : [{ message: "first written here", file: scope.file, span: before.span }];
    const mistake = algorithm === "none" ? "none" : "repeated";
    scope.report("wrong-forms", at, { mistake, form: algorithm }, { ...details, related });
  }
  if (!isPair || one.value.algorithm === "gzip") return;
  const edits = [replacement(scope, one.span, formText(two.value)), replacement(scope, two.span, formText(one.value))];
  const fix = { title: "write `gzip` first", edits: edits.flatMap((each) => each.edits) };
  scope.report("wrong-forms", span, { mistake: "swapped" }, { fix });
}

/** The list of both forms, with the levels that the text has; empty if the text has other forms or repeats one of both. */
function pairOf(read: readonly ReadForm[]): string[] {
  const [one, two] = read.map(({ value }) => value);
  if (one === undefined || two === undefined || read.length > 2 || one.algorithm === "none") return [];
  const other = one.algorithm === "gzip" ? "zstd" : "gzip";
  const forms = [formText(one), other];
  return [`[ ${(other === "gzip" ? forms.toReversed() : forms).join(" ")} ]`];
}

function formText({ algorithm, level: number, chunked }: Compression): string {
  const details = [...(number === null ? [] : [String(number)]), ...(chunked === true ? ["{ chunked }"] : [])];
  return [algorithm, ...details].join(" ");
}
