/** Types of an image's tag, base, date and compression. */
import * as z from "zod/mini";
import { choice } from "../types/choice.ts";
import { constant, mapped, optional } from "../types/combine.ts";
import { named, oneOf, textForm, exact, pattern } from "../types/form.ts";
import { existingPath } from "../types/path.ts";
import { integer } from "../types/number.ts";
import { mismatch, scalar } from "../types/scalar.ts";
import type { Term } from "../syntax/tree.ts";
import { knownText, refined, text } from "../types/text.ts";
import type { Scope, Type } from "../types/type.ts";
import { codeSchema, once, type Text } from "../types/values.ts";
import { REPOSITORY, TAG } from "../../oci/reference.ts";
import { DIGEST } from "../../oci/digest-syntax.ts";
import { imageName } from "../types/image-name.ts";
import { nixCode } from "../types/package.ts";

const TAG_FORM = new RegExp(`^${TAG}$`);

/** A tag. If it interpolates a package, only the registry can check it. */
export const tag: Type<Text> = scalar<Text>({
  label: "a string",
  name: "string",
  form: textForm,
  schema: () => text.schema(),
  kinds: ["string"],
  rules: [`matches \`${TAG_FORM.source}\``],
  convert(term, scope) {
    if (term.kind !== "string") return mismatch;
    const value = text.readTerm(term, scope);
    return value === undefined ? undefined : checkedTag(value, term, scope);
  },
  param: (use, param, term, scope) =>
    param.type === "string" || param.type === "integer" ? checkedTag({ parts: [use] }, term, scope) : mismatch,
});

function checkedTag(value: Text, term: Term, scope: Scope): Text | undefined {
  const input = knownText(value, scope);
  if (input === undefined || TAG_FORM.test(input)) return value;
  scope.report("bad-tag", term.span, { input });
  return undefined;
}

const baseSchema = once(() =>
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("scratch") }),
    z.strictObject({ kind: z.literal("image"), name: z.string() }),
    z.strictObject({ kind: z.literal("registry"), reference: z.string() }),
    z.strictObject({ kind: z.literal("archive"), path: z.string() }),
    z.strictObject({ kind: z.literal("layout"), path: z.string() }),
    z.strictObject({ kind: z.literal("nix"), expression: codeSchema() }),
  ]),
);
export type Base = z.infer<ReturnType<typeof baseSchema>>;
const schema = (): z.ZodMiniType<Base> => baseSchema();

const host = String.raw`(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9.-]+(?=:\d+/))(?::\d+)?`;
const referenceForm = new RegExp(`^${host}/${REPOSITORY}(?=[:@])(?::${TAG})?(?:@${DIGEST})?$`);

const reference = refined(
  "a reference",
  (input, term, scope) => {
    if (!referenceForm.test(input)) scope.report("bad-reference", term.span, { input });
  },
  ["the host of the registry, the repository, and a tag, a digest or both"],
);

export const base = choice<Base>({
  scratch: constant<Base>({ kind: "scratch" }, schema),
  image: mapped(imageName, schema, (name) => ({ kind: "image", name })),
  registry: mapped(reference, schema, (input) => ({ kind: "registry", reference: input })),
  archive: mapped(existingPath, schema, (path) => ({ kind: "archive", path })),
  layout: mapped(existingPath, schema, (path) => ({ kind: "layout", path })),
  nix: mapped(nixCode, schema, (expression) => ({ kind: "nix", expression })),
});

const clock = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`;
const date = new RegExp(
  String.raw`^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T${clock}:[0-5]\d(?:\.\d+)?(?:Z|[+-]${clock})$`,
);
const quotedDate = new RegExp(`^"${date.source.slice(1, -1)}"$`);

/** A date in the form of RFC 3339, or the word `now`. */
export const created = scalar<string>({
  label: 'a date, such as `"2026-01-01T00:00:00Z"`, or `now`',
  form: oneOf(exact("now"), named("date", pattern(quotedDate))),
  schema: () => z.string(),
  kinds: ["string"],
  words: ["now"],
  word: (word) => word === "now",
  convert(term, scope) {
    if (term.kind === "word") return term.text === "now" ? "now" : mismatch;
    const value = text.readTerm(term, scope);
    if (value === undefined) return undefined;
    return typeof value === "string" && date.test(value) && !Number.isNaN(Date.parse(value)) ? value : mismatch;
  },
});

const compressionSchema = once(() =>
  z.strictObject({
    algorithm: z.enum(["none", "gzip", "zstd"]),
    level: z.union([z.int(), z.null()]),
  }),
);
export type Compression = z.infer<ReturnType<typeof compressionSchema>>;

export const compression = choice<Compression>({
  none: constant<Compression>({ algorithm: "none", level: null }, compressionSchema),
  gzip: mapped(optional(integer(1, 9), null), compressionSchema, (level) => ({ algorithm: "gzip", level })),
  zstd: mapped(optional(integer(1, 22), null), compressionSchema, (level) => ({ algorithm: "zstd", level })),
});
