/** Types of an image's compression: one form of the layers, or two forms side by side. */
import * as z from "zod/mini";
import { alternatives } from "../../diagnostics/entries/entry.ts";
import { between, type Span, type Term } from "../syntax/tree.ts";
import { block, defaults } from "../types/block.ts";
import { choice } from "../types/choice.ts";
import { constant, flag, mapped, optional, sequence } from "../types/combine.ts";
import { exact, inOrder, oneOf } from "../types/form.ts";
import { integer } from "../types/number.ts";
import { termText } from "../types/scalar.ts";
import { setting } from "../types/setting.ts";
import { Cursor, isIncomplete, type Scope, type Type } from "../types/type.ts";
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

const gzip: Type<Compression> = mapped(optional(integer(1, 9), null), compressionSchema, (level) => ({
  algorithm: "gzip",
  level,
}));
const zstd: Type<Compression> = sequence(
  [optional(integer(1, 22), null), optional(block(zstdSettings), defaults(zstdSettings))],
  compressionSchema,
  (level, { chunked }): Compression => ({ algorithm: "zstd", level, ...(chunked && { chunked }) }),
);
const oneForm = choice<Compression>({
  none: constant<Compression>({ algorithm: "none", level: null }, compressionSchema),
  gzip,
  zstd,
});
/** The list of forms, without levels. */
export const FORMS = "[ gzip zstd ]";
const label = alternatives([...(oneForm.words ?? []), FORMS]);

export const compression: Type<Compression | Forms> = {
  ...oneForm,
  label,
  form: oneOf(oneForm.form, inOrder(exact("["), exact("gzip"), gzip.form, exact("zstd"), zstd.form, exact("]"))),
  schema: formsSchema,
  hasItemBlocks: true,
  starts: (term) => term.kind === "list" || oneForm.starts(term),
  take: (terms, at) => (terms[at]?.kind === "list" ? 1 : oneForm.take(terms, at)),
  isIncomplete: (terms, at) => terms[at]?.kind !== "list" && isIncomplete(oneForm, terms, at),
  read(cursor, scope) {
    const term = cursor.next;
    if (term?.kind !== "list") return oneForm.read(cursor, scope);
    cursor.index += 1;
    return readForms(term, cursor.owner, scope);
  },
};

interface ReadForm {
  value: Compression;
  span: Span;
}

/** Reads a list of forms: `gzip`, then `zstd`, each with its level and block. */
function readForms(list: Extract<Term, { kind: "list" }>, owner: Term, scope: Scope): Forms | undefined {
  const cursor = new Cursor(owner, list.items);
  const read: ReadForm[] = [];
  for (let first = cursor.next; first !== undefined; first = cursor.next) {
    if (first.kind !== "word") {
      scope.report("unexpected-value", first.span, { name: termText(owner), expected: label });
      return undefined;
    }
    const value = oneForm.read(cursor, scope);
    if (value === undefined) return undefined;
    const last = cursor.terms[cursor.index - 1] ?? first;
    read.push({ value, span: between(first.span, last.span) });
  }
  const [one, two, ...others] = read;
  const isPair = others.length === 0 && one?.value.algorithm === "gzip" && two?.value.algorithm === "zstd";
  if (isPair) return [one.value, two.value];
  reportForms(list.span, read, scope);
  return undefined;
}

function reportForms(span: Span, read: readonly ReadForm[], scope: Scope): void {
  const [one, two, ...others] = read;
  const replaced = (at: Span, text: string) => ({ file: scope.file, span: at, text });
  if (one !== undefined && two === undefined) {
    const single = formText(one.value);
    const fix = { title: `write \`${single}\``, edits: [replaced(span, single)] };
    return scope.report("wrong-forms", span, { single, isSwapped: false }, { fix });
  }
  const isSwapped = one?.value.algorithm === "zstd" && two?.value.algorithm === "gzip" && others.length === 0;
  if (!isSwapped) return scope.report("wrong-forms", span, { single: undefined, isSwapped });
  const edits = [replaced(one.span, formText(two.value)), replaced(two.span, formText(one.value))];
  scope.report("wrong-forms", span, { single: undefined, isSwapped }, { fix: { title: "write `gzip` first", edits } });
}

function formText({ algorithm, level, chunked }: Compression): string {
  return [algorithm, ...(level === null ? [] : [String(level)]), ...(chunked === true ? ["{ chunked }"] : [])].join(
    " ",
  );
}
