/** Accepts operators, comments and quotes of other languages, and reports each kind once with a fix. */
import { diagnostic, parametersOf, type Diagnostic, type Place } from "../../diagnostics/diagnostic.ts";
import { removal } from "../../diagnostics/source.ts";
import type { Source, Span } from "./tree.ts";

const CONCATENATION = /^\+{1,2}$/;
const SEPARATORS = /^(?:[,;:=]+|=>|->|[+?]=)$/;

/** Reports a character such as `=` between settings or values. */
export function unneededSign({ path, text }: Source, span: Span): Diagnostic {
  const sign = text.slice(span.start, span.end);
  const place = { file: path, span };
  // A dash in front of a value is an item of a list in YAML.
  const isDash = sign === "-" && /\s/.test(text[span.end] ?? "");
  if (CONCATENATION.test(sign)) return concatenation(place, sign);
  if (!SEPARATORS.test(sign) && !isDash) return unexpectedText(place, sign);
  const isBetween = /\S/.test(text[span.start - 1] ?? " ") && /\S/.test(text[span.end] ?? " ");
  // `tag = "v1"` has a space on both sides of `=`; the fix keeps one.
  const blanks = /\s/.test(text[span.start - 1] ?? "\n") ? (/^[ \t]+/.exec(text.slice(span.end))?.[0].length ?? 0) : 0;
  const edit = { file: path, span: { start: span.start, end: span.end + blanks }, text: isBetween ? " " : "" };
  return diagnostic(
    "unneeded-sign",
    place,
    { sign, count: 1 },
    { fix: { title: `remove \`${sign}\``, edits: [edit] } },
  );
}

/** Reports a character without a meaning. The user decides whether it is a part of a text that lacks its quotes. */
function unexpectedText(place: Place, input: string): Diagnostic {
  const choices = [{ title: `remove \`${input}\``, edits: [{ ...place, text: "" }] }];
  return diagnostic("unexpected-text", place, { input }, { choices });
}

/** Reports `+` or `++` that joins values. */
function concatenation(place: Place, sign: string): Diagnostic {
  const choices = [{ title: `remove \`${sign}\``, edits: [{ ...place, text: "" }] }];
  return diagnostic("concatenation", place, { sign, instead: undefined }, { choices });
}

/** Reports `${name}` outside of a string; `instead` is the right text. */
export function bareInterpolation({ path, text }: Source, span: Span, instead: string): Diagnostic {
  const place = { file: path, span };
  const fix = { title: `write \`${instead}\``, edits: [{ ...place, text: instead }] };
  return diagnostic("bare-interpolation", place, { input: text.slice(span.start, span.end), instead }, { fix });
}

/** Reports `in` after the bindings of a Nix `let`. */
export function unneededIn({ path, text }: Source, span: Span): Diagnostic {
  const fix = { title: "remove `in`", edits: [{ file: path, span: removal(text, span), text: "" }] };
  return diagnostic("unneeded-sign", { file: path, span }, { sign: "in", count: 1 }, { fix });
}

/** Reports a comment of another language: up to the end of the line, or between two marks. */
export function otherComment({ path, text }: Source, span: Span): Diagnostic {
  const input = text.slice(span.start, span.end);
  const isLine = !/^(?:\/\*|<!--)/.test(input);
  const inner = isLine
    ? input.replace(/^(?:\/\/|--|;+|%+)/, "")
    : input.replace(/^\/\*|^<!--/, "").replace(/\*\/$|-->$/, "");
  const place = { file: path, span };
  // A `#` comment extends to the end of the line, so a comment with text after it cannot be converted.
  const isWhole = isLine || /^[ \t]*(?:\n|$)/.test(text.slice(span.end));
  const lines = inner
    .split("\n")
    .map((line, i) => (i === 0 && isLine ? line : ` ${line.trim().replace(/^\*\s?/, "")}`));
  const comment = lines.map((line) => `#${line}`.trimEnd()).join("\n");
  const fix = isWhole ? { title: "write `#`", edits: [{ ...place, text: comment }] } : undefined;
  return diagnostic("other-comment", place, { count: 1 }, { fix });
}

/** Reports a string in other quotes; `inner` is the text between the quotes. */
export function otherQuotes({ path }: Source, span: Span, inner: string): Diagnostic {
  const quoted = JSON.stringify(inner);
  const fix = { title: `write \`${quoted}\``, edits: [{ file: path, span, text: quoted }] };
  return diagnostic("other-quotes", { file: path, span }, { quoted }, { fix });
}

/** Reports a pair of brackets of another kind than `[ ]` or `{ }`, whichever is needed. */
export function otherBrackets({ path }: Source, first: Span, last: Span, opening: string, closing: string): Diagnostic {
  const edits = [
    { file: path, span: first, text: opening },
    { file: path, span: last, text: closing },
  ];
  const fix = { title: `write \`${opening}\` and \`${closing}\``, edits };
  return diagnostic("other-brackets", { file: path, span: first }, { opening, closing }, { fix });
}

/**
 * Joins the diagnostics of one operator, those of comments, and those of names in quotes, into one diagnostic at the first place, with the fixes
 * of all places.
 */
export function joinKinds(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const joined: Diagnostic[] = [];
  for (const [kind, all] of Map.groupBy(diagnostics, kindOf)) {
    const [first] = all;
    if (kind === undefined || first === undefined || all.length === 1) {
      for (const each of all) joined.push(each);
      continue;
    }
    const parameters = { ...(first.parameters as object), count: all.length };
    const edits = all.flatMap(({ fix }) => fix?.edits ?? []);
    // If one place cannot be fixed, the joined diagnostic would remain after a fix of the others.
    const isWhole = all.every(({ fix }) => fix !== undefined);
    const fix = isWhole && first.fix !== undefined ? { title: first.fix.title, edits } : undefined;
    joined.push(diagnostic(first.code, first, parameters as never, { fix }));
  }
  return joined;
}

function kindOf(found: Diagnostic): string | undefined {
  const sign = parametersOf(found, "unneeded-sign")?.sign;
  return sign ?? (found.code === "other-comment" || found.code === "quoted-name" ? found.code : undefined);
}
