/** Diagnostics of values: types, ranges, formats. */
import { alternatives, didYouMean, error, short, warning } from "./entry.ts";

export const valueEntries = {
  "wrong-type": error(
    ({ expected, found, hint = "" }: { expected: string; found: string; hint?: string }) =>
      `expected ${expected}, but this is ${short(found)}${hint}`,
    "Each setting takes values of one type; the reference and the editor show the type. The value of a `let` is checked where it is used.",
    'image "a" {\n  tag [ "v1" ]\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "unknown-word": error(
    ({ input, expected, suggestion }: { input: string; expected: string; suggestion: string | undefined }) =>
      `\`${short(input)}\` is not valid here; expected ${expected}${didYouMean(suggestion)}`,
    "The value must be one of a few words.",
    'image "a" {\n  manifest dokcer\n}\n',
    'image "a" {\n  manifest docker\n}\n',
  ),
  "not-constant": error(
    ({ expected }: { expected: string }) =>
      `${expected} must be known when the file is checked; remove the package or parameter from it`,
    "Names decide how an image is built, so they cannot depend on packages or on parameters.",
    'image "a-${hello}" { }\n',
    'image "a" { }\n',
  ),
  "out-of-range": error(
    ({ input, range }: { input: string; range: string }) => `\`${input}\` is out of range; write ${range}`,
    "Numbers have limits: an image has at most 448 layers, a port is at most 65535, an exit code at most 255.",
    'image "a" {\n  layers { max 449 }\n}\n',
    'image "a" {\n  layers { max 125 }\n}\n',
  ),
  "mode-without-zero": error(
    ({ input }: { input: string }) => `the mode \`${input}\` has no leading zero; write \`0${input}\``,
    "The leading zero marks the number as octal.",
    'image "a" {\n  files { "/x" directory { mode 755 } }\n}\n',
    'image "a" {\n  files { "/x" directory { mode 0755 } }\n}\n',
  ),
  unquoted: error(
    ({ input }: { input: string }) =>
      `\`${short(input)}\` is a file beside the description; put a path in the image in quotes`,
    "A path without quotes is a file beside the description. A path in the image is a string.",
    'image "a" {\n  files { /srv directory }\n}\n',
    'image "a" {\n  files { "/srv" directory }\n}\n',
  ),
  "bad-image-name": error(
    ({ input, instead }: { input: string; instead: string | undefined }) => {
      const rules = 'use lower-case letters, digits, `.`, `_`, `-` and `/`, as in "example.org/shop/api"';
      return `"${short(input)}" is not the name of an image; ${instead === undefined ? rules : `write \`${short(instead)}\``}`;
    },
    "The name of an image is an OCI repository name, with or without the host of a registry.",
    'image "Shop API" { }\n',
    'image "shop/api" { }\n',
  ),
  "bad-tag": error(
    ({ input }: { input: string }) =>
      `"${short(input)}" is not a tag; use up to 128 letters, digits, \`_\`, \`.\` and \`-\`, not starting with \`.\` or \`-\``,
    "Registries refuse other tags.",
    'image "a" {\n  tag "v 1"\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "bad-signal": error(
    ({ input, suggestion }: { input: string; suggestion: string | undefined }) =>
      `"${short(input)}" is not a signal of Linux; write a name such as \`SIGTERM\`, or a number${didYouMean(suggestion)}`,
    "Container engines cannot stop a container with a signal that they do not know.",
    'image "a" {\n  config { stop-signal "SIGTREM" }\n}\n',
    'image "a" {\n  config { stop-signal "SIGTERM" }\n}\n',
  ),
  "wrong-forms": error(
    (found: { mistake: "empty" | "swapped" } | { mistake: "single" | "none" | "repeated"; form: string }) => {
      switch (found.mistake) {
        case "empty":
          return "`[ ]` has no form; write `[ gzip zstd ]`, or one of `none`, `gzip` and `zstd` without brackets";
        case "single":
          return `a list needs two forms; write \`${found.form}\`, without brackets`;
        case "none":
          return "`none` cannot be one of two forms; remove it, or write `none` without brackets";
        case "repeated":
          return `\`${found.form}\` is in the list twice, but an image has one form of each algorithm; remove one of them`;
        case "swapped":
          return "`gzip` must be the first form, since clients without zstd pull the first one; write `gzip` before `zstd`";
      }
    },
    "A list makes two forms of an image: `gzip` for clients without zstd, which pull the first form, and then `zstd`.",
    'image "a" {\n  compression [ zstd gzip ]\n}\n',
    'image "a" {\n  compression [ gzip zstd ]\n}\n',
  ),
  "bad-license": error(
    ({
      input,
      isExpression,
      suggestions,
      isDeprecated,
    }: {
      input: string;
      isExpression: boolean;
      suggestions: string[];
      isDeprecated: boolean;
    }) => {
      if (isDeprecated)
        return `"${short(input)}" is a deprecated identifier, which packages do not have; write ${suggestions.map((id) => `"${id}"`).join(", or ")}`;
      if (isExpression) return `"${short(input)}" has several licences; put each of them in its own quotes`;
      const proposed = suggestions.length === 0 ? "" : `; did you mean ${alternatives(suggestions)}?`;
      return `"${short(input)}" is not a licence of the SPDX list; write an identifier such as "MIT", or "LicenseRef-" and a name${proposed}`;
    },
    "Licences are compared by their SPDX identifiers (https://spdx.org/licenses). A name that SPDX lacks is written as in the bill of materials, such as `LicenseRef-Public-Domain`.",
    'image "a" {\n  expect { licenses [ "Apache 2.0" ] }\n}\n',
    'image "a" {\n  expect { licenses [ "Apache-2.0" ] }\n}\n',
  ),
  "bad-reference": error(
    ({ input, instead }: { input: string; instead: string | undefined }) =>
      `"${short(input)}" is not a full image reference; ${instead === undefined ? 'write registry, repository, and tag or digest, as in "docker.io/library/alpine:3.22"' : `write "${short(instead)}"`}`,
    "A base from a registry needs the host of the registry, the repository, and a tag or a digest.",
    'image "a" {\n  base registry "alpine 3"\n}\n',
    'image "a" {\n  base registry "docker.io/library/alpine:3.22"\n}\n',
  ),
  "bad-image-path": error(
    ({ input, place }: { input: string; place: string | undefined }) =>
      `"${short(input)}" is not a path in the image; ${
        place === undefined
          ? "start it with `/`, and do not use `..`"
          : `write "${short(place)}", since the volume or folder of the host, and the options, are chosen when a container starts`
      }`,
    "Paths in the image are absolute: those of `files`, `volumes` and `workdir`.",
    'image "a" {\n  files { "etc/x" directory }\n}\n',
    'image "a" {\n  files { "/etc/x" directory }\n}\n',
  ),
  "reserved-path": error(
    ({ path, reason }: { path: string; reason: string }) => `no file can be placed at ${short(path)}: ${reason}`,
    "The store contains packages only. A name that starts with `.wh.` is a whiteout: it hides a file of the layers below, so a container never shows a file with such a name.",
    'image "a" {\n  files { "/nix/store/motd" text "hi" }\n}\n',
    'image "a" {\n  files { "/etc/motd" text "hi" }\n}\n',
  ),
  "bad-glob": error(
    ({ input, reason }: { input: string; reason: string }) => `\`${short(input)}\` is not a valid glob: ${reason}`,
    "`*` and `?` match within a name, `**` also across folders. `[a-z]` matches one of the characters, `[!a-z]` any other character, and `{a,b}` one of the alternatives. In brackets, a special character is literal: `[*]`.",
    'image "a" {\n  permissions { "/app/[a-z" { mode 0644 } }\n}\n',
    'image "a" {\n  permissions { "/app/[a-z]" { mode 0644 } }\n}\n',
  ),
  "impossible-glob": error(
    ({ written, reason }: { written: string; reason: string }) => `\`${short(written)}\` can match no file: ${reason}`,
    "A glob of `permissions` matches whole paths of the image, which start with `/`. `**/name` matches files of this name in all folders.",
    'image "a" {\n  permissions { "app/**" { mode 0644 } }\n}\n',
    'image "a" {\n  permissions { "/app/**" { mode 0644 } }\n}\n',
  ),
  "literal-dollar": warning(
    ({ name, use }: { name: string; use: string }) =>
      `no shell expands \`${use}\` here; write \`${name} prepend "…"\` or \`append\` to extend the base's value, or \`\\$\` for a literal dollar sign`,
    "The values of `env` are written to the image's config unchanged. `prepend` and `append` extend the base's value of a variable.",
    'image "a" {\n  config { env { PATH "/app/bin:$PATH" } }\n}\n',
    'image "a" {\n  config { env { PATH prepend "/app/bin" } }\n}\n',
  ),
  "empty-entry": warning(
    ({ name, count }: { name: string; count: number }) =>
      `this value adds an empty entry to \`${name}\`, which means the current folder; remove the unneeded ${count === 1 ? "colon" : "colons"}, or write \`.\` for that folder`,
    "`PATH` and `LD_LIBRARY_PATH` are lists of folders with `:` in between, and an empty entry is the current folder, from which a container would then run programs. `prepend` and `append` add the `:` before or after the base's value.",
    'image "a" {\n  config { env { PATH prepend "/app/bin:" } }\n}\n',
    'image "a" {\n  config { env { PATH prepend "/app/bin" } }\n}\n',
  ),
  "bad-user-name": error(
    ({ input }: { input: string }) =>
      `"${short(input)}" is not a user name; use up to 32 letters, digits, \`_\`, \`.\` and \`-\`, not starting with a digit`,
    "The name is written to /etc/passwd and /etc/group.",
    'image "a" {\n  users { "a:b" { uid 1 gid 1 } }\n}\n',
    'image "a" {\n  users { "ab" { uid 1 gid 1 } }\n}\n',
  ),
  "bad-variable-name": error(
    ({ input }: { input: string }) =>
      `"${short(input)}" is not the name of a variable; write a name that is not empty and has no \`=\``,
    "The environment is a list of entries `NAME=value`.",
    'image "a" {\n  config { env { "A=B" "x" } }\n}\n',
    'image "a" {\n  config { env { A "B=x" } }\n}\n',
  ),
  "bad-pattern": error(
    ({ input, reason }: { input: string; reason: string }) => `"${short(input)}" matches no path: ${reason}`,
    "`exclude` takes patterns in the syntax of .gitignore files.",
    'image "a" {\n  files { "/x" copy ./src { exclude [ "./tmp" ] } }\n}\n',
    'image "a" {\n  files { "/x" copy ./src { exclude [ "/tmp" ] } }\n}\n',
  ),
  "copied-secret": warning(
    ({ names, count }: { names: string[]; count: number }) => {
      const listed = names.map((name) => `\`${short(name)}\``).join(", ");
      const more = count > names.length ? ` and ${count - names.length} more` : "";
      const [look, them] = count > 1 ? ["look like secrets", "them"] : ["looks like a secret", "it"];
      return `everyone who has the image can read ${listed}${more}, which ${look}; leave ${them} out with \`exclude\` or a .gitignore file, and pass secrets to the container when it starts`;
    },
    "Files such as `.env`, `id_rsa` and `*.pem` usually hold secrets. Everyone who may pull the image can read all files of its layers, even those that a later layer removes.",
    'image "a" {\n  files { "/x" copy ./keys/id_rsa }\n}\n',
    'image "a" {\n  files { "/x" copy ./src }\n}\n',
  ),
  "copied-cache": warning(
    ({ folder }: { folder: string }) =>
      `the copied folder contains the cache ${short(folder)}, so each build copies the results of earlier builds; leave it out with \`exclude\``,
    "The folders of `cache { store … }` and `cache { binary-cache … }` grow with each build, so an image that copies them changes with each build.",
    'image "a" {\n  files { "/app" copy ./src }\n  cache { store "./src/cache" }\n}\n',
    'image "a" {\n  files { "/app" copy ./src { exclude [ "/cache" ] } }\n  cache { store "./src/cache" }\n}\n',
  ),
  "copied-store-link": warning(
    ({ names, count }: { names: string[]; count: number }) => {
      const listed = names.map((name) => `\`${short(name)}\``).join(", ");
      const more = count > names.length ? ` and ${count - names.length} more` : "";
      const [are, them] = count > 1 ? ["are links", "them"] : ["is a link", "it"];
      return `${listed}${more} ${are} into the Nix store, and the image does not contain that store path; leave ${them} out with \`exclude\`, or name the package in \`packages\``;
    },
    "A copied link keeps its target, but a store path is in the image only if the description names it. Links with the names that Nix gives to results, `result` and `result-…`, are not copied.",
    'image "a" {\n  files { "/x" copy ./profile }\n}\n',
    'image "a" {\n  files { "/x" copy ./src }\n}\n',
  ),
  "quoted-path": error(
    ({ input, instead }: { input: string; instead: string }) =>
      `a path beside the description starts with \`./\` and has no quotes; write \`${short(instead)}\` instead of ${short(input)}`,
    "A string is text. A path beside the description has no quotes, and starts with `./`, `../` or `/`.",
    'image "a" {\n  files { "/x" copy "./src" }\n}\n',
    'image "a" {\n  files { "/x" copy ./src }\n}\n',
  ),
  "bare-path": warning(
    ({ input }: { input: string; isSure: boolean }) =>
      `\`${short(input)}\` names a package; write \`./${short(input)}\` for a file or folder beside the description`,
    "A path starts with `./`, `../` or `/`. A word without these is looked up in the package set.",
    'image "a" {\n  files { "/x" copy nginx.conf }\n}\n',
    'image "a" {\n  files { "/x" copy ./nginx.conf }\n}\n',
  ),
  "home-path": error(
    ({ input }: { input: string }) =>
      `\`${short(input)}\` is in a home directory, which differs for every user; use a path from the folder of the description or from \`/\``,
    "Everyone who builds a description must read the same files.",
    'image "a" {\n  files { "/x" copy ~/src }\n}\n',
    'image "a" {\n  files { "/x" copy ./src }\n}\n',
  ),
  "missing-file": error(
    ({ input, directory }: { input: string; directory: string }) =>
      `cannot find \`${input}\` from the folder \`${directory}\`; correct the path`,
    "Paths are relative to the folder of the file that contains them.",
    'image "a" {\n  files { "/x" copy ./nowhere }\n}\n',
    'image "a" {\n  files { "/x" copy ./src }\n}\n',
  ),
  "too-large": error(
    (_nothing: object) =>
      "these bindings expand to more than 100,000 values, or nest more than 200 deep; use fewer bindings within bindings",
    "Bindings that use other bindings several times can grow exponentially.",
    `let a = "x"\n${"bcdefg".replace(/./g, (name, at: number) => `let ${name} = [${` $${"abcdef"[at] ?? ""}`.repeat(10)} ]\n`)}image "a" {\n  config { cmd $g }\n}\n`,
    'let a = "x"\nimage "a" {\n  config { cmd [ $a ] }\n}\n',
  ),
};
