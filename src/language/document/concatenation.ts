/** Reads `[ a ] ++ [ b ]` as one list, and `"v" + $x` as one string. Reports each chain of values once, with the text to write. */
import { diagnostic, type Diagnostic, type Fix } from "../../diagnostics/diagnostic.ts";
import type { RawTerm } from "../syntax/terms.ts";
import { between, type Source, type StringPart, type Term } from "../syntax/tree.ts";
import { diagnosticAfter, type Context } from "./context.ts";

type Edits = Fix["edits"];

/** Joins values that have `+` or `++` between them. */
export function joinOperands(terms: readonly RawTerm[], context: Context): readonly RawTerm[] {
  const joined: RawTerm[] = [];
  for (let at = 0; at < terms.length; at += 1) {
    const operands = [terms[at] as RawTerm];
    const signs: Diagnostic[] = [];
    for (let sign = signAfter(terms, at, context); sign !== undefined; sign = signAfter(terms, at, context)) {
      signs.push(sign);
      at += 1;
      operands.push(terms[at] as RawTerm);
    }
    const [first] = signs;
    const whole = first === undefined ? undefined : joinedValue(operands, context.source);
    if (first === undefined || whole === undefined) {
      joined.push(...operands);
      continue;
    }
    for (const sign of signs) context.explained.add(sign);
    const { text } = context.source;
    const { term, edits, instead } = whole;
    const sign = text.slice(first.span.start, first.span.end);
    const fix = { title: `write \`${instead}\``, edits };
    context.diagnostics.push(diagnostic("concatenation", first, { sign, instead }, { fix }));
    joined.push(term);
  }
  return joined;
}

/** The sign between the terms at `at` and `at + 1`. */
function signAfter(terms: readonly RawTerm[], at: number, context: Context): Diagnostic | undefined {
  const [left, right] = [terms[at], terms[at + 1]];
  if (left === undefined || right === undefined || !isOperand(left) || !isOperand(right)) return undefined;
  const sign = diagnosticAfter(left.span.end, context);
  if (sign?.code !== "concatenation") return undefined;
  // `mode +x`: the sign belongs to the second word alone.
  const isPrefix = sign.span.start > left.span.end && sign.span.end === right.span.start;
  if (isPrefix && left.kind === "word" && right.kind === "word") return undefined;
  return /^\s*$/.test(context.source.text.slice(sign.span.end, right.span.start)) ? sign : undefined;
}

function isOperand(term: RawTerm): boolean {
  return term.kind === "string" ? term.form === "quoted" : ["list", "reference", "word", "literal"].includes(term.kind);
}

/** The value that the operands make; undefined if they make none. */
function joinedValue(
  operands: readonly RawTerm[],
  source: Source,
): { term: RawTerm; edits: Edits; instead: string } | undefined {
  const [first, last] = [operands[0] as RawTerm, operands.at(-1) as RawTerm];
  const span = between(first.span, last.span);
  const file = source.path;
  if (!operands.some(({ kind }) => kind === "list") && operands.some(({ kind }) => kind === "string")) {
    const instead = `"${operands.map((each) => stringContent(each, source)).join("")}"`;
    const term: RawTerm = { kind: "string", form: "quoted", parts: operands.flatMap(stringParts), span };
    return { term, edits: [{ file, span, text: instead }], instead };
  }
  const items = operands.flatMap((each) => (each.kind === "list" ? each.items : [each as Term]));
  const terms = operands.flatMap((each) => (each.kind === "list" ? each.terms : [each]));
  const instead = `[ ${operands.map((each) => listContent(each, source)).join(" ")} ]`;
  return { term: { kind: "list", items, terms, span }, edits: listEdits(operands, source), instead };
}

/** Edits that change only brackets and signs, so that comments in the lists stay. */
function listEdits(operands: readonly RawTerm[], { path: file, text }: Source): Edits {
  const [first, last] = [operands[0] as RawTerm, operands.at(-1) as RawTerm];
  const edits: Edits = [];
  if (first.kind !== "list") edits.push({ file, span: { start: first.span.start, end: first.span.start }, text: "[ " });
  for (const [i, left] of operands.slice(0, -1).entries()) {
    const right = operands[i + 1] as RawTerm;
    const blanksBefore =
      left.kind === "list" ? (/[ \t]*.$/.exec(text.slice(left.span.start, left.span.end))?.[0].length ?? 0) : 0;
    const blanksAfter =
      right.kind === "list" ? (/^.[ \t]*/.exec(text.slice(right.span.start, right.span.end))?.[0].length ?? 0) : 0;
    const start = left.span.end - blanksBefore;
    const end = right.span.start + blanksAfter;
    edits.push({ file, span: { start, end }, text: " " });
  }
  if (last.kind !== "list") edits.push({ file, span: { start: last.span.end, end: last.span.end }, text: " ]" });
  return edits;
}

function listContent({ kind, span: { start, end } }: RawTerm, { text }: Source): string {
  return kind === "list" ? text.slice(start + 1, end - 1).trim() : text.slice(start, end);
}

function stringContent(term: RawTerm, { text }: Source): string {
  switch (term.kind) {
    case "string":
      return text.slice(term.span.start + 1, term.span.end - 1);
    case "reference":
      return `\${$${term.name}}`;
    case "word":
      return `\${${term.text}}`;
    default:
      return text.slice(term.span.start, term.span.end);
  }
}

/** The parts of a string for an operand. Parts from outside of a string have an empty span: other rules apply to their text. */
function stringParts(term: RawTerm): StringPart[] {
  const span = { start: term.span.start, end: term.span.start };
  switch (term.kind) {
    case "string":
      return term.parts;
    case "reference":
      return [{ kind: "reference", name: term.name, span }];
    case "word":
      return [{ kind: "package", text: term.text, span }];
    case "literal":
      return [{ kind: "text", text: term.text, span }];
    default:
      return [];
  }
}
