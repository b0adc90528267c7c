/** Types of numbers: integers, modes, sizes, durations, ports. */
import * as z from "zod/mini";
import { plainText, type Term } from "../syntax/tree.ts";
import { pattern } from "./form.ts";
import { mismatch, replacement, scalar, type Converted } from "./scalar.ts";
import { isSymbolic, octalOf } from "./symbolic-mode.ts";
import type { Scope, Type } from "./type.ts";
import { once, amountSchema, type Amount, type ParamSpec } from "./values.ts";

/** The units of sizes, in bytes. */
export const sizes: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
/** The units of durations, in nanoseconds. */
export const durations: Record<string, number> = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9, d: 86400e9 };

/** A kind of number and its notation. */
export interface Unit {
  type: ParamSpec["type"];
  label: string;
  /** The factors of units such as `MB`; undefined for plain numbers. */
  factors?: Record<string, number>;
  /** Matches the texts that `parse` accepts. */
  pattern: RegExp;
  parse(text: string): number | undefined;
}

const integerPattern = /^[+-]?\d+$/;

export const integerUnit: Unit = {
  type: "integer",
  label: "an integer, such as `80`",
  pattern: integerPattern,
  parse: (text) => (integerPattern.test(text) ? Number(text) : undefined),
};
export const sizeUnit: Unit = {
  type: "size",
  factors: sizes,
  label: "a size, such as `250MiB`",
  pattern: scaledPattern(sizes),
  parse: (text) => scaled(text, sizes),
};
export const durationUnit: Unit = {
  type: "duration",
  factors: durations,
  label: "a duration, such as `30s`",
  pattern: scaledPattern(durations),
  parse: (text) => scaled(text, durations),
};

/** The kinds of numbers that a parameter may have. No text is accepted by two of them. */
export const paramUnits = [integerUnit, sizeUnit, durationUnit];

/** Parses the caller's value of a parameter; undefined if it is not of the type. */
export function parseArgument(type: ParamSpec["type"], text: string): string | number | undefined {
  return type === "string" ? text : paramUnits.find((unit) => unit.type === type)?.parse(text);
}

function scaledPattern(units: Record<string, number>): RegExp {
  return new RegExp(`^\\d+(?:${Object.keys(units).join("|")})$`);
}

function scaled(text: string, units: Record<string, number>): number | undefined {
  const match = /^(\d+)([A-Za-z]+)$/.exec(text);
  const unit = match && Object.hasOwn(units, match[2] ?? "") ? units[match[2] ?? ""] : undefined;
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}

interface Range {
  min: number;
  max: number;
}

/** An amount without a largest value can be as large as a number that JSON holds exactly. */
function rangeText({ min, max }: Range): string {
  return max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`;
}

type LiteralTerm = Extract<Term, { kind: "literal" }>;

interface Limits {
  unit: Unit;
  range: Range;
}

/** The allowed values, for messages: `a number from 1 to 448`, or `at most 104d` in the largest unit. */
export function limitsText({ unit: { factors }, range }: Limits): string {
  if (factors === undefined) return `a number from ${range.min} to ${range.max}`;
  const [name, factor] = Object.entries(factors).reduce((a, b) => (b[1] > a[1] ? b : a));
  return `at most ${Math.floor(range.max / factor)}${name}`;
}

function convertNumber(term: Term, scope: Scope, limits: Limits): Converted<number> {
  if (term.kind !== "literal") return mismatch;
  if (limits.unit === durationUnit && /^\d+$/.test(term.text)) return reportUnit(term, scope);
  const value = limits.unit.parse(term.text);
  return value === undefined ? mismatch : within(value, term.text, term, scope, limits);
}

/** Reports a duration without its unit. Kubernetes counts seconds, but Docker's API counts nanoseconds, so the user decides. */
function reportUnit({ text, span }: LiteralTerm, scope: Scope): undefined {
  const instead = `${text}s`;
  const parameters = { expected: durationUnit.label, found: `\`${text}\``, hint: `; write \`${instead}\` for seconds` };
  scope.report("wrong-type", span, parameters, { choices: [replacement(scope, span, instead)] });
}

function within(value: number, input: string, term: Term, scope: Scope, limits: Limits): number | undefined {
  if (value >= limits.range.min && value <= limits.range.max) return value;
  scope.report("out-of-range", term.span, { input, range: limitsText(limits) });
  return undefined;
}

/** A number, or a parameter of the same type. */
export function amount(unit: Unit, range: Partial<Range> = {}): Type<Amount> {
  const full = { min: 0, max: Number.MAX_SAFE_INTEGER, ...range };
  const limits = { unit, range: full };
  return scalar<Amount>({
    label: unit.label,
    name: unit.type,
    form: pattern(unit.pattern),
    schema: amountSchema,
    kinds: ["literal"],
    // The notation of sizes and durations has no sign.
    rules: unit === integerUnit ? [rangeText(full)] : [],
    convert: (term, scope) => convertNumber(term, scope, limits),
    param(use, param, term, scope) {
      if (param.type !== unit.type) return mismatch;
      const { name, default: value } = param;
      const fits = typeof value !== "number" || within(value, `$${name} = ${value}`, term, scope, limits) !== undefined;
      return fits ? use : undefined;
    },
  });
}

/** An integer that is known when the file is checked, so not a parameter. */
export function integer(min: number, max: number, label = integerUnit.label): ReturnType<typeof scalar<number>> {
  return scalar<number>({
    label,
    name: integerUnit.type,
    form: pattern(integerUnit.pattern),
    schema: () => z.int().check(z.minimum(min), z.maximum(max)),
    kinds: ["literal"],
    rules: [rangeText({ min, max }), "cannot be a `param`"],
    convert: (term, scope) => convertNumber(term, scope, { unit: integerUnit, range: { min, max } }),
  });
}

const modePattern = /^0[0-7]{3,4}$/;

/** Reports a mode such as `u+x`. The user decides which bits the file has besides. */
function reportSymbolic(term: Term, scope: Scope): boolean {
  const text = plainText(term) ?? ("text" in term ? term.text : "");
  if (!isSymbolic(text)) return false;
  const instead = octalOf(text);
  const hint = `; a mode sets all bits, in octal, so write \`${instead}\` for example`;
  const choices = [replacement(scope, term.span, instead)];
  scope.report("wrong-type", term.span, { expected: mode.label, found: `\`${text}\``, hint }, { choices });
  return true;
}

/** Permission bits in octal. The leading zero is required, because 644 could be read as decimal. */
export const mode = scalar<number>({
  label: "a mode with a leading zero, such as `0755`",
  name: "mode",
  form: pattern(modePattern),
  schema: () => z.int().check(z.minimum(0), z.maximum(0o7777)),
  kinds: ["literal"],
  rules: ["3 or 4 octal digits after the leading zero"],
  convert(term, scope) {
    if (reportSymbolic(term, scope)) return undefined;
    if (term.kind !== "literal") return mismatch;
    if (modePattern.test(term.text)) return Number.parseInt(term.text, 8);
    if (!/^[0-7]{3,4}$/.test(term.text)) return mismatch;
    const fix = {
      title: `write \`0${term.text}\``,
      edits: [{ file: scope.file, span: term.span, text: `0${term.text}` }],
    };
    scope.report("mode-without-zero", term.span, { input: term.text }, { fix });
    return undefined;
  },
});

const portSchema = once(() => z.strictObject({ port: z.int(), endPort: z.int(), protocol: z.enum(["tcp", "udp"]) }));
export type Port = z.infer<ReturnType<typeof portSchema>>;

const PORTS: Range = { min: 1, max: 65535 };

const portPattern = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/;

export const port = scalar<Port>({
  label: "a port, such as `8080/tcp` or `8000-8010/udp`",
  name: "port",
  form: pattern(portPattern),
  schema: portSchema,
  kinds: ["literal"],
  rules: [rangeText(PORTS)],
  convert(term, scope) {
    const match = term.kind === "literal" ? portPattern.exec(term.text) : null;
    if (match === null || term.kind !== "literal") return mismatch;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    const min = first >= PORTS.min && last < first ? first : PORTS.min;
    const { max } = PORTS;
    if (first < min || last > max || last < min) {
      const range = limitsText({ unit: integerUnit, range: { min, max } });
      scope.report("out-of-range", term.span, { input: min === PORTS.min ? term.text : String(last), range });
      return undefined;
    }
    return { port: first, endPort: last, protocol: match[3] === "udp" ? "udp" : "tcp" };
  },
});
