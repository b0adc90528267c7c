/**
 * Damages examples and invents texts until the time is up, and checks each. Three failures end the run: a crash, a
 * diagnostic outside the text, and a time that grows faster than the text's length. After the first two, the output
 * contains the seed that reproduces the failure.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { formats } from "../../src/diagnostics/formats/index.ts";
import { check } from "../../src/language/index.ts";

const examples = join(import.meta.dirname, "../../examples");
const texts = [
  ...Object.values(catalogue).flatMap(({ bad, good }) => [bad, good]),
  ...readdirSync(examples)
    .filter((name) => name.endsWith(".imgspec"))
    .map((name) => readFileSync(join(examples, name), "utf8")),
];
const signs = ["{", "}", "[", "]", '"', "''", "${", "$a", "\\", "#", "\n", "=", "1", "./x", "nix"];
const pieces = [...signs, ...words()];

function words(): string[] {
  return [...new Set(texts.flatMap((text) => text.match(/[a-z-]+/g) ?? []))];
}

const host = { read: () => undefined, exists: () => true };

/** Milliseconds of processor time for checking a text: unlike elapsed time, this does not depend on other load. */
function time(text: string): number {
  const began = process.cpuUsage();
  check({ path: "/a.imgspec", text }, host);
  return process.cpuUsage(began).user / 1000;
}

function survive(text: string): void {
  const { diagnostics, sources, spec } = check({ path: "/a.imgspec", text }, host);
  for (const { span, message } of diagnostics)
    if (!(span.start >= 0 && span.start <= span.end && span.end <= text.length) || message === "")
      throw new Error(`a diagnostic without a place: ${message}`);
  if (spec === undefined && diagnostics.length === 0) throw new Error("no spec and no diagnostic");
  for (const format of Object.values(formats))
    format({ diagnostics, sources, files: [], colours: true, width: Infinity, name: (path) => path });
}

const damage = fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom("", ...pieces)), { minLength: 1, maxLength: 6 });
const damaged = fc.tuple(fc.constantFrom(...texts), damage).map(([text, all]) =>
  all.reduce((before, [at, length, piece]) => {
    const start = at % (before.length + 1);
    return before.slice(0, start) + piece + before.slice(start + length);
  }, text),
);
const bytes = fc.uint8Array({ maxLength: 400 }).map((raw) => new TextDecoder().decode(raw));
const made = fc.array(fc.constantFrom(...pieces), { maxLength: 120 }).map((all) => all.join(" "));

export function fuzzTexts(seconds: number): void {
  let tried = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 4, arbitrary: damaged }, bytes, made), (text) => {
      survive(text);
      tried += 1;
    }),
    { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false },
  );
  process.stdout.write(`${tried} texts checked: no crash, every diagnostic has a place\n`);

  // A text eight times as long takes about eight times as long if checking is linear, and 64 times if it is quadratic.
  let worst = 0;
  for (const piece of [...texts, ...signs.map((each) => `${each} `)]) {
    const [short = 0, long = 0] = [20_000, 160_000].map((size) => {
      const text = piece.repeat(Math.ceil(size / piece.length));
      return Math.min(time(text), time(text));
    });
    const growth = long / Math.max(short, 10);
    worst = Math.max(worst, growth);
    if (growth > 32)
      throw new Error(`eight times the text took ${growth.toFixed(1)} times as long: ${JSON.stringify(piece)}`);
  }
  process.stdout.write(`eight times the text took at most ${worst.toFixed(1)} times as long\n`);
}
