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
    "The sign belongs to nothing in the language.",
    'image "a" {\n  tag "v1" !\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "unneeded-sign": error(
    ({ sign, count }: { sign: string; count: number }) =>
      `white space alone separates settings and values; remove \`${sign}\`${count === 1 ? "" : ` (${count} times in this file)`}`,
    "There is no `=`, `:`, `,` or `;` between settings and values. All of one kind are one finding.",
    'image "a" {\n  tag = "v1"\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "other-comment": error(
    ({ count }: { count: number }) =>
      `a comment starts with \`#\`${count === 1 ? "" : ` (${count} comments of this file start otherwise)`}`,
    "`//` and `/* … */` are comments of other languages.",
    'image "a" {\n  // the tag\n  tag "v1"\n}\n',
    'image "a" {\n  # the tag\n  tag "v1"\n}\n',
  ),
  "other-quotes": error(
    ({ written }: { written: string }) => `a string stands between straight double quotes; write \`${short(written)}\``,
    "Single quotes and the curved quotes of word processors do not make a string.",
    'image "a" {\n  tag “v1”\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "missing-braces": error(
    ({ written }: { written: string }) => `\`${short(written)}\` must stand in braces; put it between \`{\` and \`}\``,
    "The attributes of an entry or a setting stand in a block.",
    'image "a" {\n  files { "/x" directory mode 0750 }\n}\n',
    'image "a" {\n  files { "/x" directory { mode 0750 } }\n}\n',
  ),
  "missing-list-brackets": error(
    ({ written }: { written: string }) => `\`${short(written)}\` is a list; put it between \`[\` and \`]\``,
    "A setting that takes several values takes a list of them, also where there is one.",
    'image "a" {\n  packages bash jq\n}\n',
    'image "a" {\n  packages [ bash jq ]\n}\n',
  ),
  "other-language": error(
    ({ language }: { language: string }) =>
      `this looks like ${language}, not like an image description; \`imgc init\` writes a first one`,
    "`imgc` reads `.imgspec` files. A file in another language is one finding, whatever its lines are.",
    'FROM debian\nRUN apt-get update\nCMD ["bash"]\n',
    'image "a" {\n  packages [ bash ]\n}\n',
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
