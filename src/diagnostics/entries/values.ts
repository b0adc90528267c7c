// Values: their type, their range, their form.
import { didYouMean, error, short, warning } from "./entry.ts";

export const valueEntries = {
  "wrong-type": error(
    ({ expected, found, hint = "" }: { expected: string; found: string; hint?: string }) =>
      `expected ${expected}, but this is ${short(found)}${hint}`,
    "Each setting takes values of one type; the reference and the editor say which. `let` binds any value, and is checked where it is used.",
    'image "a" {\n  tag [ "v1" ]\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "unknown-word": error(
    ({ written, expected, suggestion }: { written: string; expected: string; suggestion: string | undefined }) =>
      `\`${short(written)}\` is not known here; expected ${expected}${didYouMean(suggestion)}`,
    "The value is one of a few words.",
    'image "a" {\n  manifest dokcer\n}\n',
    'image "a" {\n  manifest docker\n}\n',
  ),
  "not-constant": error(
    ({ expected }: { expected: string }) =>
      `${expected} must be known when the file is checked; it cannot hold a package or a parameter`,
    "Names decide how an image is put together, so they cannot depend on the build.",
    'image "a-${hello}" { }\n',
    'image "a" { }\n',
  ),
  "out-of-range": error(
    ({ written, min, max }: { written: string; min: number; max: number }) =>
      `\`${written}\` is out of range; it must be from ${min} to ${max}`,
    "Numbers have limits: an image has at most 448 layers, a port is at most 65535, an exit code at most 255.",
    'image "a" {\n  layers { max 449 }\n}\n',
    'image "a" {\n  layers { max 127 }\n}\n',
  ),
  "mode-without-zero": error(
    ({ written }: { written: string }) => `a mode is octal and starts with a zero; write \`0${written}\``,
    "The zero says that the number is octal.",
    'image "a" {\n  files { "/x" directory { mode 755 } }\n}\n',
    'image "a" {\n  files { "/x" directory { mode 0755 } }\n}\n',
  ),
  unquoted: error(
    ({ written }: { written: string }) => `write \`${short(written)}\` in quotes, as a path in the image`,
    "A path without quotes is a file beside the description; a path in the image is a string.",
    'image "a" {\n  files { /srv directory }\n}\n',
    'image "a" {\n  files { "/srv" directory }\n}\n',
  ),
  "bad-image-name": error(
    ({ written }: { written: string }) =>
      `"${short(written)}" is not the name of an image; use small letters, digits, \`.\`, \`_\`, \`-\` and \`/\`, as in "example.org/shop/api"`,
    "An image's name is an OCI repository name, with or without a registry's host.",
    'image "Shop API" { }\n',
    'image "shop/api" { }\n',
  ),
  "bad-tag": error(
    ({ written }: { written: string }) =>
      `"${short(written)}" is not a tag; use up to 128 letters, digits, \`_\`, \`.\` and \`-\`, not starting with \`.\` or \`-\``,
    "Registries refuse other tags.",
    'image "a" {\n  tag "v 1"\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "bad-signal": error(
    ({ written, suggestion }: { written: string; suggestion: string | undefined }) =>
      `"${short(written)}" is not a signal of Linux; write its name, such as \`SIGTERM\`, or its number${didYouMean(suggestion)}`,
    "Container engines refuse to stop a container with a signal that they do not know.",
    'image "a" {\n  config { stop-signal "SIGTREM" }\n}\n',
    'image "a" {\n  config { stop-signal "SIGTERM" }\n}\n',
  ),
  "bad-reference": error(
    ({ written }: { written: string }) =>
      `"${short(written)}" is not the whole name of an image; write its registry, repository, and a tag or digest, as in "docker.io/library/alpine:3.22"`,
    "A base from a registry is named by host, repository, and a tag or a digest.",
    'image "a" {\n  base registry "alpine 3"\n}\n',
    'image "a" {\n  base registry "docker.io/library/alpine:3.22"\n}\n',
  ),
  "bad-image-path": error(
    ({ written }: { written: string }) =>
      `"${short(written)}" is not a path in the image; start it with \`/\`, and without \`..\``,
    "Paths in the image are absolute: those of `files`, `volumes` and `workdir`.",
    'image "a" {\n  files { "etc/x" directory }\n}\n',
    'image "a" {\n  files { "/etc/x" directory }\n}\n',
  ),
  "reserved-path": error(
    ({ path, reason }: { path: string; reason: string }) => `no file can be at ${short(path)}: ${reason}`,
    "The store holds packages and nothing else. A name that starts with `.wh.` is a whiteout: it hides a file of the layers below, so a container never shows a file of such a name.",
    'image "a" {\n  files { "/nix/store/motd" text "hi" }\n}\n',
    'image "a" {\n  files { "/etc/motd" text "hi" }\n}\n',
  ),
  "bad-glob": error(
    ({ written, reason }: { written: string; reason: string }) =>
      `\`${short(written)}\` is not a valid glob: ${reason}`,
    "`*` and `?` match within a name, `**` also crosses folders; `[a-z]` matches one of the characters, `[!a-z]` any other, and `{a,b}` either alternative. In brackets a character stands for itself: `[*]`.",
    'image "a" {\n  permissions { "/app/[a-z" { mode 0644 } }\n}\n',
    'image "a" {\n  permissions { "/app/[a-z]" { mode 0644 } }\n}\n',
  ),
  "literal-dollar": warning(
    ({ name, use }: { name: string; use: string }) =>
      `no shell expands \`${use}\` here; \`${name} prepend "…"\` or \`append\` extends the base's value, and \`\\$\` is a literal dollar sign`,
    "The values of `env` are written to the image's config unchanged. `prepend` and `append` extend the base's value of a variable.",
    'image "a" {\n  config { env { PATH "/app/bin:$PATH" } }\n}\n',
    'image "a" {\n  config { env { PATH prepend "/app/bin" } }\n}\n',
  ),
  "bad-user-name": error(
    ({ written }: { written: string }) =>
      `"${short(written)}" is not a user name; use up to 32 letters, digits, \`_\`, \`.\` and \`-\`, not starting with a digit`,
    "The name is written to /etc/passwd.",
    'image "a" {\n  users { "a:b" { uid 1 gid 1 } }\n}\n',
    'image "a" {\n  users { "ab" { uid 1 gid 1 } }\n}\n',
  ),
  "bad-variable-name": error(
    ({ written }: { written: string }) =>
      `"${short(written)}" is not the name of a variable; it is not empty, and holds no \`=\``,
    "The environment is a list of `NAME=value`.",
    'image "a" {\n  config { env { "A=B" "x" } }\n}\n',
    'image "a" {\n  config { env { A "B=x" } }\n}\n',
  ),
  "bad-pattern": error(
    ({ written, reason }: { written: string; reason: string }) => `"${short(written)}" matches no path: ${reason}`,
    "`exclude` takes patterns in the syntax of .gitignore files.",
    'image "a" {\n  files { "/x" copy ./src { exclude [ "./tmp" ] } }\n}\n',
    'image "a" {\n  files { "/x" copy ./src { exclude [ "/tmp" ] } }\n}\n',
  ),
  "copied-secret": warning(
    ({ names, count }: { names: string[]; count: number }) => {
      const listed = names.map((name) => `\`${short(name)}\``).join(", ");
      const more = count > names.length ? ` and ${count - names.length} more` : "";
      const [look, them] = count > 1 ? ["look like secrets", "them"] : ["looks like a secret", "it"];
      return `everyone who has the image can read ${listed}${more}, which ${look}; leave ${them} out with \`exclude\` or a .gitignore file, and give secrets to the container when it starts`;
    },
    "Files such as `.env`, `id_rsa` and `*.pem` usually hold secrets. Everyone who may pull the image can read all files of its layers, even those that a later layer removes.",
    'image "a" {\n  files { "/x" copy ./keys/id_rsa }\n}\n',
    'image "a" {\n  files { "/x" copy ./src }\n}\n',
  ),
  "copied-store-link": warning(
    ({ names, count }: { names: string[]; count: number }) => {
      const listed = names.map((name) => `\`${short(name)}\``).join(", ");
      const more = count > names.length ? ` and ${count - names.length} more` : "";
      const [are, them] = count > 1 ? ["are links", "them"] : ["is a link", "it"];
      return `${listed}${more} ${are} into the Nix store, and the image does not get the store path; leave ${them} out with \`exclude\`, or name the package in \`packages\``;
    },
    "A copied link keeps its target, but a store path is in the image only if the description names it. Links that Nix makes for results are left out if their names are `result` or begin with `result-`.",
    'image "a" {\n  files { "/x" copy ./profile }\n}\n',
    'image "a" {\n  files { "/x" copy ./src }\n}\n',
  ),
  "quoted-path": error(
    ({ written, instead }: { written: string; instead: string }) =>
      `a path has no quotes; write \`${short(instead)}\` instead of ${short(JSON.stringify(written))}`,
    "A string is text; a path beside the description starts with `./`, `../` or `/`.",
    'image "a" {\n  files { "/x" copy "./src" }\n}\n',
    'image "a" {\n  files { "/x" copy ./src }\n}\n',
  ),
  "bare-path": warning(
    ({ written }: { written: string }) =>
      `\`${short(written)}\` names a package; write \`./${short(written)}\` for the file of this name beside the description`,
    "A path starts with `./`, `../` or `/`; a bare word is looked up in the package set.",
    'image "a" {\n  files { "/x" copy nginx.conf }\n}\n',
    'image "a" {\n  files { "/x" copy ./nginx.conf }\n}\n',
  ),
  "home-path": error(
    ({ written }: { written: string }) =>
      `\`${short(written)}\` starts in a home directory, which differs for every user; name the file from the description's folder or from \`/\``,
    "Everybody who builds a description must read the same files.",
    'image "a" {\n  files { "/x" copy ~/src }\n}\n',
    'image "a" {\n  files { "/x" copy ./src }\n}\n',
  ),
  "missing-file": error(
    ({ written, directory }: { written: string; directory: string }) =>
      `there is no \`${written}\`; it was looked for from \`${directory}\``,
    "Paths are relative to the file that says them.",
    'image "a" {\n  files { "/x" copy ./nowhere }\n}\n',
    'image "a" {\n  files { "/x" copy ./src }\n}\n',
  ),
  "too-large": error(
    (_nothing: object) =>
      "these bindings stand for too much: over a hundred thousand values, or two hundred names behind each other",
    "Bindings that use bindings can grow without limit.",
    `let a = "x"\n${"bcdefg".replace(/./g, (name, at: number) => `let ${name} = [${` $${"abcdef"[at] ?? ""}`.repeat(10)} ]\n`)}image "a" {\n  config { cmd $g }\n}\n`,
    'let a = "x"\nimage "a" {\n  config { cmd [ $a ] }\n}\n',
  ),
};
