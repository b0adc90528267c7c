// Brackets, strings and characters.
import { error, short } from "./entry.ts";

export const bracketEntries = {
  "unclosed-bracket": error(
    ({ opening, closing }: { opening: string; closing: string }) =>
      `this \`${opening}\` is never closed; write \`${closing}\` where it ends`,
    "Every `{` and `[` needs its partner.",
    'image "a" {\n  packages [ hello\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "unmatched-bracket": error(
    ({ written }: { written: string }) => `nothing is open that this \`${written}\` could close; remove it`,
    "A closing bracket needs an opening one before it.",
    'image "a" { }\n}\n',
    'image "a" { }\n',
  ),
  "not-utf-8": error(
    (_nothing: object) => "the bytes here are not UTF-8; save the file as UTF-8, and write this character again",
    "A description is text in UTF-8. Other bytes are shown as U+FFFD, which a description cannot contain either.",
    "# caf\ufffd\n",
    "# café\n",
  ),
  "nested-too-deep": error(
    ({ limit }: { limit: number }) => `brackets are nested more than ${limit} deep; the rest of the file was not read`,
    "No image needs brackets this deep; a limit keeps every tool that walks the file safe.",
    `let a = ${"[".repeat(65)}${"]".repeat(65)}\n`,
    "let a = [ hello ]\n",
  ),
  "unexpected-text": error(
    ({ written }: { written: string }) => `\`${short(written)}\` means nothing here; remove it, or put text in quotes`,
    "There are no commas, semicolons or other signs between settings and values.",
    'image "a" {\n  packages [ hello, jq ]\n}\n',
    'image "a" {\n  packages [ hello jq ]\n}\n',
  ),
  "block-in-list": error(
    (_nothing: object) => "a list holds values, not a block in braces; close the list with `]` first",
    "A list is of values of one type.",
    'image "a" {\n  packages [ hello { } ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "unclosed-string": error(
    ({ quote }: { quote: string }) =>
      quote === '"'
        ? "this string is not closed on its line; end it with `\"`, or use `''…''` for several lines"
        : "this string is never closed; end it with `''`",
    "A string in double quotes ends on its line.",
    'image "a" {\n  tag "v1\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "unknown-escape": error(
    ({ written }: { written: string }) =>
      `\`${written}\` is not an escape; there are \`\\"\` \`\\\\\` \`\\n\` \`\\t\` \`\\r\` \`\\$\` (and \`\\\\\` for a backslash)`,
    "A backslash in a string starts an escape.",
    'image "a" {\n  author "a\\qb"\n}\n',
    'image "a" {\n  author "a\\\\qb"\n}\n',
  ),
  "bad-interpolation": error(
    ({ written }: { written: string }) =>
      `\`${short(written)}\` is not a package or a \`$name\` in braces; for these characters themselves, write \`''\${\` between \`''\`, \`\\\${\` between \`"\``,
    "`${…}` in a string takes a package or the name of a binding.",
    'image "a" {\n  author "${1 + 2}"\n}\n',
    'image "a" {\n  author "${hello}"\n}\n',
  ),
};
