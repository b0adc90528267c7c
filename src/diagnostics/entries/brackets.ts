/** Diagnostics of brackets, strings and characters. */
import { error, short, warning } from "./entry.ts";

export const bracketEntries = {
  "unclosed-bracket": error(
    ({ opening, closing }: { opening: string; closing: string; offset: number }) =>
      `this \`${opening}\` is never closed; add the missing \`${closing}\``,
    "Every `{` needs a `}`, and every `[` needs a `]`.",
    'image "a" {\n  packages [ hello\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "unopened-bracket": error(
    ({ opening, closing }: { opening: string; closing: string }) =>
      `the \`${closing}\` below these lines has no \`${opening}\`; add \`${opening}\` at the end of this line`,
    "Every `}` needs a `{`, and every `]` needs a `[`.",
    'image "a" {\n  config\n    user "0"\n  }\n}\n',
    'image "a" {\n  config {\n    user "0"\n  }\n}\n',
  ),
  "other-brackets": error(
    ({ opening, closing }: { opening: string; closing: string }) =>
      `these are not the brackets for this value; write \`${opening} … ${closing}\``,
    "A list is between `[` and `]`, and a block of settings is between `{` and `}`. Round brackets mean nothing.",
    'image "a" {\n  packages ( hello jq )\n}\n',
    'image "a" {\n  packages [ hello jq ]\n}\n',
  ),
  "unmatched-bracket": error(
    ({ input }: { input: string }) => `this \`${input}\` closes no bracket; remove it`,
    "Every closing bracket needs an opening bracket before it.",
    'image "a" { }\n}\n',
    'image "a" { }\n',
  ),
  "not-utf-8": error(
    (_nothing: object) => "these bytes are not UTF-8; save the file as UTF-8, and type this character again",
    "A description is text in UTF-8. Other bytes are shown as U+FFFD, and a description cannot contain this character either.",
    '# caf\ufffd\nimage "a" { }\n',
    '# café\nimage "a" { }\n',
  ),
  "nested-too-deep": error(
    ({ limit }: { limit: number }) =>
      `brackets nest more than ${limit} deep, so the rest of the file was not read; use fewer brackets`,
    "No image needs brackets this deep. The limit protects the tools that read the file.",
    `let a = ${"[".repeat(65)}${"]".repeat(65)}\n`,
    "let a = [ hello ]\n",
  ),
  "unexpected-text": error(
    ({ input }: { input: string }) => `unexpected \`${short(input)}\`; remove it, or put text in quotes`,
    "Outside of strings and comments, this character has no meaning in the language.",
    'image "a" {\n  tag "v1" !\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "unneeded-sign": error(
    ({ sign, count }: { sign: string; count: number }) =>
      `settings and values are separated by white space only; remove \`${sign}\`${count === 1 ? "" : ` (${count} times in this file)`}`,
    "There is no `=`, `:`, `,` or `;` between settings and values, and no `in` after a `let`. All occurrences of one character are one diagnostic.",
    'image "a" {\n  tag = "v1"\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  concatenation: error(
    ({ sign, instead }: { sign: string; instead: string | undefined }) =>
      `values are not joined by \`${sign}\`; ${instead === undefined ? "remove it" : `write \`${short(instead)}\``}`,
    "The language has no operators. A list may contain a `$name` that is bound to a list, and a string may contain `${$name}`.",
    'let tools = [ jq ]\nimage "a" {\n  packages [ hello ] ++ $tools\n}\n',
    'let tools = [ jq ]\nimage "a" {\n  packages [ hello $tools ]\n}\n',
  ),
  "bare-interpolation": error(
    ({ input, instead }: { input: string; instead: string }) =>
      `\`${short(input)}\` has a meaning in strings only; write \`${short(instead)}\``,
    "`${…}` inserts a package, or a binding with `$` before its name, into a string. Outside of strings, a package is a word, and a binding is `$name`.",
    'param release = "v1"\nimage "a" {\n  tag ${release}\n}\n',
    'param release = "v1"\nimage "a" {\n  tag $release\n}\n',
  ),
  "quoted-name": error(
    ({ name, count }: { name: string; count: number }) =>
      `the name of a setting has no quotes and no \`:\`; write \`${name}\`${count === 1 ? "" : `, and change ${count - 1} more in this file`}`,
    "Names of settings are words, unlike the names in JSON.",
    'image "a" {\n  "tag": "v1"\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "nix-syntax": warning(
    ({ input, instead }: { input: string; instead: string }) =>
      instead === ""
        ? `packages are looked up in the package set anyway; remove \`${short(input)}\``
        : `packages are looked up in the package set anyway; write \`${short(instead)}\``,
    "Outside of `nix ''…''`, a description is not Nix code. The names of packages need neither `with pkgs;` nor `pkgs.`.",
    'image "a" {\n  packages with pkgs; [ hello ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "bare-nix": error(
    (_nothing: object) => "this looks like Nix code; put it between `nix ''` and `''`",
    "A description is not Nix code. An expression of Nix stands between `nix ''` and `''`, where the names of the package set are in scope.",
    'image "a" {\n  packages [ (python3.withPackages (p: [ p.flask ])) ]\n}\n',
    "image \"a\" {\n  packages [ nix ''python3.withPackages (p: [ p.flask ])'' ]\n}\n",
  ),
  "other-comment": error(
    ({ count }: { count: number }) =>
      `a comment must start with \`#\`; change this one${count === 1 ? "" : ` and ${count - 1} more in this file`}`,
    "`//`, `--`, `;`, `%`, `/* … */` and `<!-- … -->` are comments in other languages.",
    'image "a" {\n  // the tag\n  tag "v1"\n}\n',
    'image "a" {\n  # the tag\n  tag "v1"\n}\n',
  ),
  "other-quotes": error(
    ({ quoted }: { quoted: string }) => `a string needs straight double quotes; write \`${short(quoted)}\``,
    "Single quotes, and the curved quotes of word processors, do not make a string.",
    'image "a" {\n  tag “v1”\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "missing-braces": error(
    ({ input }: { input: string }) => `\`${short(input)}\` must be in braces; put it between \`{\` and \`}\``,
    "The attributes of an entry or a setting are a block in braces.",
    'image "a" {\n  files { "/x" directory mode 0750 }\n}\n',
    'image "a" {\n  files { "/x" directory { mode 0750 } }\n}\n',
  ),
  "missing-list-brackets": error(
    ({ input }: { input: string }) => `\`${short(input)}\` must be a list; put it between \`[\` and \`]\``,
    "A setting that takes several values takes a list, even for a single value.",
    'image "a" {\n  packages bash jq\n}\n',
    'image "a" {\n  packages [ bash jq ]\n}\n',
  ),
  "listed-entries": error(
    ({ instead }: { instead: string }) => `entries are names and values in braces; write \`${short(instead)}\``,
    "`env`, `labels` and similar settings take a block in braces. Each entry is a name and a value, without `=` between them.",
    'image "a" {\n  config { env [ "LANG=C" ] }\n}\n',
    'image "a" {\n  config { env { LANG "C" } }\n}\n',
  ),
  "other-language": error(
    ({ language, advice }: { language: string; advice: string }) =>
      `this looks like ${language}, not like an image description; ${advice}`,
    "`imgc` reads `.imgspec` files. A file in another language gets this one diagnostic, whatever the file contains.",
    'FROM debian\nRUN apt-get update\nCMD ["bash"]\n',
    'image "a" {\n  packages [ bash ]\n}\n',
  ),
  "empty-file": warning(
    (_nothing: object) =>
      'this file is empty; write `image "NAME" { … }`, or run `imgc init` to write a first description',
    "A description consists of images, and of bindings that other files can import.",
    "# nothing yet\n",
    'image "a" { }\n',
  ),
  "block-in-list": error(
    (_nothing: object) => "a list cannot contain a block in braces; close the list with `]` first",
    "A list contains values of one type.",
    'image "a" {\n  packages [ hello { } ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "unclosed-string": error(
    ({ quote }: { quote: string }) =>
      quote === '"'
        ? "this string does not end on its line; end it with `\"`, or use `''…''` for several lines"
        : "this string is never closed; end it with `''`",
    "A string in double quotes must end on its line. A string between `''` may have several lines.",
    'image "a" {\n  tag "v1\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "unopened-string": error(
    ({ quote }: { quote: string }) => `this string has no \`${quote}\` at its start; add \`${quote}\` there`,
    "A string needs a quote at both ends.",
    'image "a" {\n  tag v1"\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "unknown-escape": error(
    ({ input }: { input: string }) =>
      `\`${input}\` is not an escape; use \`\\"\` \`\\n\` \`\\t\` \`\\r\` \`\\$\`, or \`\\\\\` for a backslash`,
    "In a string, a backslash starts an escape.",
    'image "a" {\n  author "a\\qb"\n}\n',
    'image "a" {\n  author "a\\\\qb"\n}\n',
  ),
  "bad-interpolation": error(
    ({ input }: { input: string }) =>
      `\`${short(input)}\` contains neither a package nor a \`$name\`; for a literal \`\${\`, write \`\\\${\` in \`"…"\`, or \`''\${\` in \`''…''\``,
    "In a string, `${…}` contains a package, or `$` and the name of a binding.",
    'image "a" {\n  author "${1 + 2}"\n}\n',
    'image "a" {\n  author "${hello}"\n}\n',
  ),
};
