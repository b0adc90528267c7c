/** Types of an image's tag, base and date. */
import * as z from "zod/mini";
import { choice } from "../types/choice.ts";
import { constant, mapped } from "../types/combine.ts";
import { named, oneOf, textForm, exact, pattern } from "../types/form.ts";
import { existingPath, pathText } from "../types/path.ts";
import { mismatch, replacement, scalar } from "../types/scalar.ts";
import { between, plainText, type Term } from "../syntax/tree.ts";
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
    if (referenceForm.test(input)) return;
    const instead = onDockerHub(input);
    const fix = instead === undefined ? undefined : replacement(scope, term.span, JSON.stringify(instead));
    scope.report("bad-reference", term.span, { input, instead }, { fix });
  },
  ["the host of the registry, the repository, and a tag, a digest or both"],
);

/** The full reference of a name without a host, as docker reads it; undefined for any other text. */
function onDockerHub(input: string): string | undefined {
  const repository = input.includes("/") ? input : `library/${input}`;
  const full = `docker.io/${repository}`;
  return !/^[^/]*[.:][^/]*\//.test(input) && referenceForm.test(full) ? full : undefined;
}

function fullReference(input: string): string | undefined {
  return referenceForm.test(input) ? input : onDockerHub(input);
}

/** The name of an image of the files. For a reference, the message proposes `registry` in the place of `image`. */
const baseImage: Type<string> = {
  ...imageName,
  read(cursor, scope) {
    const [word, term] = [cursor.terms[cursor.index - 1], cursor.next];
    const input = term === undefined ? "" : writtenText(term);
    const full = fullReference(input);
    if (word === undefined || term === undefined || full === undefined) return imageName.read(cursor, scope);
    cursor.index += 1;
    const instead = `registry ${JSON.stringify(full)}`;
    const fix = replacement(scope, between(word.span, term.span), instead);
    scope.report("bad-image-name", term.span, { input, instead }, { fix });
    return undefined;
  },
};

function writtenText(term: Term): string {
  return pathText(term) ?? plainText(term) ?? ("text" in term ? term.text : "");
}

export const base = choice<Base>(
  {
    scratch: constant<Base>({ kind: "scratch" }, schema),
    image: mapped(baseImage, schema, (name) => ({ kind: "image", name })),
    registry: mapped(reference, schema, (input) => ({ kind: "registry", reference: input })),
    archive: mapped(existingPath, schema, (path) => ({ kind: "archive", path })),
    layout: mapped(existingPath, schema, (path) => ({ kind: "layout", path })),
    nix: mapped(nixCode, schema, (expression) => ({ kind: "nix", expression })),
  },
  missingWord,
);

/** `registry` for `base "debian:12"`, `archive` for `base ./base.tar`, `image` for the name of an image of the files. */
function missingWord(term: Term, scope: Scope): string | undefined {
  const written = writtenText(term);
  if (scope.hasImage(written)) return "image";
  if (term.kind === "path" || /^\.{0,2}\//.test(written))
    return /\.tar(?:\.\w+)?$|\.t\w?gz$/.test(written) ? "archive" : "layout";
  return fullReference(written) === undefined ? undefined : "registry";
}

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
    if (term.kind !== "string") return mismatch;
    const value = text.readTerm(term, scope);
    if (value === undefined) return undefined;
    return typeof value === "string" && date.test(value) && !Number.isNaN(Date.parse(value)) ? value : mismatch;
  },
});
