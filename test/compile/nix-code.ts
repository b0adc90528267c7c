/** Generates random Nix code with paths. Text that looks like a path but is none contains `nope`. */
import fc from "fast-check";

const path = fc
  .stringMatching(/^(\.{1,2}|[a-z.+-]{1,3})(\/[\w.+-]{1,3}){1,3}$/)
  .filter((each) => !each.startsWith("-"));
/** Pieces of strings and comments. */
export const plain = fc.constantFrom(
  "a",
  "$",
  "$$",
  "'",
  "\\\\",
  "\\n",
  "/x",
  "./nope",
  " # ",
  "/* ",
  "''${",
  "{",
  "}",
  "ü",
  "\n",
  " ",
);
export const code: fc.Memo<string> = fc.memo((depth) =>
  depth <= 1
    ? fc.oneof(path, fc.constantFrom("x", "x'y", "1.5", "<a/b>", "~/a/b", "http://a/b?c=./d", "null"))
    : fc.oneof(
        path,
        code().map((each) => `"\\\${a} ./nope \${${each}}/x ./nope"`),
        fc.array(plain).map((text) => `"${text.join("").replaceAll("''${", "\\${").replaceAll("${", "$ {")}"`),
        fc
          .tuple(fc.array(plain), code())
          .map(([text, each]) => `''a ./nope ''\${b} ''' ''\\n ${safe(text)} \${${each}} ./nope ''`),
        fc.tuple(path, code()).map(([before, each]) => `${before}\${toString ${atomic(each)}}c/d`),
        code().map((each) => `{ a.b = ${atomic(each)}; "c/d" = x//y; } # ./nope\n`),
        fc.tuple(code(), code()).map(([a, b]) => `(x: ${a}\n) /* ./nope */ (${b}\n)`),
        code().map((each) => `let a/* ./nope **/= { }; in with a; [ ${atomic(each)} ./. ../. ]`),
      ),
);

function safe(text: string[]): string {
  return text.map((each) => (each === "''${" ? each : each.replaceAll("'", "q").replaceAll("$", "D"))).join("");
}
function atomic(each: string): string {
  return `(${each}\n)`;
}
