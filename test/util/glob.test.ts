import fc from "fast-check";
import { expect, test } from "vitest";
import { GlobError, globMatcher, literalFolder } from "../../src/util/glob.ts";

/** The parts of a glob, which `fits` matches without a regular expression. */
type Part =
  | { kind: "letter"; letter: string }
  | { kind: "any" }
  | { kind: "star" }
  | { kind: "crossing" }
  | { kind: "class"; isOther: boolean; ranges: [string, string][] }
  | { kind: "either"; options: Part[][] };

/** Few letters, so that globs often match; one has two bytes in UTF-8, one has four. */
const LETTERS = ["a", "b", "c", "-", "!", "]", "*", ".", "ä", "𝄞"];

const letter = fc.constantFrom(...LETTERS);
const inClass = fc.constantFrom("a", "b", "c", "ä", "𝄞");
const { glob } = fc.letrec<{ glob: Part[]; part: Part }>((tie) => ({
  glob: fc.array(tie("part"), { maxLength: 4 }),
  part: fc.oneof(
    { maxDepth: 2 },
    letter.map((each): Part => ({ kind: "letter", letter: each })),
    fc.constant<Part>({ kind: "letter", letter: "/" }),
    fc.constantFrom<Part>({ kind: "any" }, { kind: "star" }, { kind: "crossing" }),
    fc
      .tuple(fc.boolean(), fc.array(fc.tuple(inClass, inClass), { minLength: 1, maxLength: 2 }))
      .map(([isOther, pairs]): Part => ({ kind: "class", isOther, ranges: pairs.map(inOrder) })),
    fc.array(tie("glob"), { minLength: 1, maxLength: 3 }).map((options): Part => ({ kind: "either", options })),
  ),
}));

function inOrder([one, other]: [string, string]): [string, string] {
  return (one.codePointAt(0) as number) < (other.codePointAt(0) as number) ? [one, other] : [other, one];
}

function written(parts: Part[]): string {
  return parts.map(writtenPart).join("");
}

function writtenPart(part: Part): string {
  switch (part.kind) {
    case "letter":
      // In brackets, characters are literal.
      return part.letter === "*" ? "[*]" : part.letter;
    case "any":
      return "?";
    case "star":
      return "*";
    case "crossing":
      return "**";
    case "class":
      return `[${part.isOther ? "!" : ""}${part.ranges.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join("")}]`;
    case "either":
      return `{${part.options.map(written).join(",")}}`;
  }
}

/** Whether the parts match the whole name. */
function fits(parts: Part[], letters: string[]): boolean {
  const after = (all: Part[], from: number): Set<number> => {
    let places = new Set([from]);
    for (const part of all) places = new Set([...places].flatMap((place) => [...step(part, place)]));
    return places;
  };
  const step = (part: Part, at: number): Set<number> => {
    const next = letters[at];
    const isOne = (matches: boolean) => new Set(matches ? [at + 1] : []);
    switch (part.kind) {
      case "letter":
        return isOne(next === part.letter);
      case "any":
        return isOne(next !== undefined && next !== "/");
      case "star":
      case "crossing": {
        const reached = new Set([at]);
        for (let to = at; to < letters.length && (part.kind === "crossing" || letters[to] !== "/"); to++)
          reached.add(to + 1);
        return reached;
      }
      case "class": {
        const isIn = part.ranges.some(([low, high]) => {
          const code = next?.codePointAt(0) ?? -1;
          return code >= (low.codePointAt(0) as number) && code <= (high.codePointAt(0) as number);
        });
        return isOne(next !== undefined && next !== "/" && isIn !== part.isOther);
      }
      case "either":
        return new Set(part.options.flatMap((option) => [...after(option, at)]));
    }
  };
  return after(parts, 0).has(letters.length);
}

/** Whether no adjacent parts form another wildcard: `*` `*` reads as `**`, which also takes adjacent slashes. */
function isPlain(parts: Part[], text: string): boolean {
  const crossings = JSON.stringify(parts).split('"crossing"').length - 1;
  return (
    (text.match(/\*+/g) ?? []).filter((stars) => stars === "**").length === crossings &&
    !/\*{3}|\*\*\/|\/\*\*(?:$|[,}])/.test(text)
  );
}

const latin1 = (text: string): string => Buffer.from(text).toString("latin1");

test("a glob matches like the sequence of its parts", () => {
  let fitted = 0;
  fc.assert(
    fc.property(glob, fc.array(fc.constantFrom(...LETTERS, "/"), { maxLength: 6 }), (parts, letters) => {
      const text = written(parts);
      fc.pre(isPlain(parts, text));
      const does = globMatcher(text)(latin1(letters.join("")));
      fitted += Number(does);
      expect([text, letters.join(""), does]).toEqual([text, letters.join(""), fits(parts, letters)]);
    }),
    { numRuns: 3000 },
  );
  expect(fitted).toBeGreaterThan(100);
});

test.each([
  ["/app/**", ["/app", "/app/", "/app/a", "/app/a/b"], ["/ap", "/apps", "/x/app"]],
  ["/app/**/x", ["/app/x", "/app/a/x", "/app/a/b/x"], ["/app/ax", "/app/x/y"]],
  ["**/x", ["x", "/x", "/a/x"], ["ax", "/ax"]],
  ["/{a/**,b}", ["/a", "/a/c/d", "/b"], ["/b/c", "/ab"]],
  [
    "/bin/{su,mount,{a,b}[0-9]}",
    ["/bin/su", "/bin/mount", "/bin/a1", "/bin/b9"],
    ["/bin/{su,mount}", "/bin/sum", "/bin/a"],
  ],
  ["/x.[ch]", ["/x.c", "/x.h"], ["/x.o", "/xac", "/x.[ch]", "/x."]],
  ["/[]a]", ["/]", "/a"], ["/b", "/[]a]"]],
  ["/[!]a]", ["/b", "/-"], ["/]", "/a", "//"]],
  ["/[a-]", ["/a", "/-"], ["/b"]],
  ["/[*?[{]", ["/*", "/?", "/[", "/{"], ["/a", "/\\"]],
  ["/[+-~]", ["/a", "/~", "/-"], ["//"]],
  ["/a{,.bak}", ["/a", "/a.bak"], ["/a."]],
  ["/a}b]c,d", ["/a}b]c,d"], []],
  ["/a\\b", ["/a\\b"], ["/ab"]],
  ["/[ä-ü]?", [latin1("/öx"), latin1("/ä€")], [latin1("/ßx"), latin1("/ö")]],
])("%s", (text, yes, no) => {
  const matches = globMatcher(text);
  expect(yes.filter((name) => !matches(name))).toEqual([]);
  expect(no.filter((name) => matches(name))).toEqual([]);
});

test("a byte that is not UTF-8 is one character, which only wildcards match", () => {
  const odd = "/\u00ff\u00c3x";
  expect(globMatcher("/??x")(odd)).toBe(true);
  expect(globMatcher("/?x")(odd)).toBe(false);
  expect(globMatcher("/[!a]*")(odd)).toBe(true);
  expect(globMatcher("/ÿ*")(odd)).toBe(false);
});

test.each(["[", "/a[b", "/[]", "/[!]", "/[z-a]", "/[a/b]", "/[.-/]", "{", "/{a,b", "/{a,{b}", "{".repeat(60)])(
  "%s is not a valid glob",
  (text) => expect(() => globMatcher(text)).toThrow(GlobError),
);

test.each([
  ["/app/**", "/app/"],
  ["/app/x", "/app/"],
  ["/a/b[c]/d", "/a/"],
  ["/{a,b}", "/"],
  ["x*", ""],
])("the literal folder of %s is %s", (text, named) => expect(literalFolder(text)).toBe(named));

test("globs for which a regular expression would backtrack for years match at once", () => {
  const [stars, folders, choices] = ["*a".repeat(60), "**/".repeat(60), "{a,b,ab}".repeat(60)];
  const long = "/" + "ab".repeat(100);
  const deep = "/x".repeat(100);
  expect(globMatcher(`/${stars}c`)(long)).toBe(false);
  expect(globMatcher(`/${stars}*`)(long)).toBe(true);
  expect(globMatcher(`/${folders}y`)(deep)).toBe(false);
  expect(globMatcher(`/${folders}x`)(deep)).toBe(true);
  expect(globMatcher(`/${choices}d`)(long)).toBe(false);
  expect(globMatcher(`/${choices}${"b".repeat(10)}`)(`/${"ab".repeat(60)}${"b".repeat(10)}`)).toBe(true);
});
