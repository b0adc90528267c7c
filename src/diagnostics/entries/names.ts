/** Diagnostics of names: bindings, imports, images, users. */
import { alternatives, didYouMean, error, short, warning } from "./entry.ts";

interface Near {
  name: string;
  suggestion: string | undefined;
}

export const nameEntries = {
  "unknown-binding": error(
    ({ name, suggestion }: Near) =>
      `no \`let\` or \`param\` is named \`${name}\`${didYouMean(suggestion, "$") || `; define it with \`let ${name} = …\` outside of the images`}`,
    "A `$name` stands for the value that a `let` or a `param` gives this name, in this file or an imported one.",
    'image "a" {\n  packages $runtime\n}\n',
    'let runtime = [ hello ]\nimage "a" {\n  packages $runtime\n}\n',
  ),
  "unused-binding": warning(
    ({ name }: { name: string }) => `\`${name}\` is never used; remove it, or use \`$${name}\``,
    "A binding that nothing uses is usually a mistake.",
    'let runtime = [ hello ]\nimage "a" { }\n',
    'let runtime = [ hello ]\nimage "a" {\n  packages $runtime\n}\n',
  ),
  "doubled-binding": error(
    ({ name }: { name: string }) => `two bindings are named \`${name}\`; rename one of them`,
    "Within a file, a name has one meaning. Parameters need different names also across imported files.",
    'let a = "1"\nlet a = "2"\nimage "a" {\n  tag $a\n}\n',
    'let a = "1"\nimage "a" {\n  tag $a\n}\n',
  ),
  "bad-binding-name": error(
    ({ name }: { name: string }) =>
      `\`${short(name)}\` is not a valid name; use letters, digits, \`_\` and \`-\`, and for a \`param\` no keyword of Nix`,
    "A parameter becomes an argument of a Nix function, so it cannot be named like a keyword such as `with`, or like another argument such as `pkgs`.",
    'param with = "1"\nimage "a" {\n  tag $with\n}\n',
    'param release = "1"\nimage "a" {\n  tag $release\n}\n',
  ),
  cycle: error(
    ({ what, names }: { what: "import" | "binding" | "base"; names: string[] }) => {
      const kinds = {
        import: ["imports", "remove one of these imports"],
        binding: ["bindings", "change one of these bindings"],
        base: ["bases", "change one of these bases"],
      };
      const [subject, remedy] = kinds[what] as [string, string];
      return `${subject} form a cycle, ${names.map((name) => `\`${name}\``).join(" → ")}; ${remedy}`;
    },
    "Imports, bindings and bases must not depend on themselves.",
    'let a = "${$b}"\nlet b = "${$a}"\nimage "a" {\n  tag $a\n}\n',
    'let a = "${$b}"\nlet b = "1"\nimage "a" {\n  tag $a\n}\n',
  ),
  "missing-import": error(
    ({ input }: { input: string }) =>
      `cannot read \`${input}\`; correct the path, which is relative to the folder of this file`,
    "An import names another `.imgspec` file.",
    'import ./nowhere.imgspec\nimage "a" { }\n',
    'image "a" { }\n',
  ),
  "bare-binding": warning(
    ({ name, instead, isSure }: { name: string; instead: string; isSure: boolean }) =>
      `\`${name}\` is a binding of this file; write \`${instead}\` here${isSure ? "" : ", or rename the binding to use the package of this name"}`,
    "A word without `$` names a package of the package set. Text without `${$…}` is literal.",
    'let tools = [ hello ]\nimage "a" {\n  packages [ tools ]\n}\n',
    'let tools = [ hello ]\nimage "a" {\n  packages [ $tools ]\n}\n',
  ),
  "doubled-image": error(
    ({ name }: { name: string }) => `two images are named "${name}"; rename one of them`,
    "The name identifies an image.",
    'image "a" { }\nimage "a" { }\n',
    'image "a" { }\nimage "b" { }\n',
  ),
  "unknown-image": error(
    ({ name, suggestion }: Near) =>
      `no image in this file or an imported one is named "${name}"${didYouMean(suggestion) || '; for an image in a registry, write `base registry "…"`'}`,
    "`base image` names an image of this file or an imported one.",
    'image "a" {\n  base image "b"\n}\n',
    'image "b" { }\nimage "a" {\n  base image "b"\n}\n',
  ),
  "unknown-user": error(
    ({ name }: { name: string }) => `no user or group is named \`${name}\`; declare it in \`users\`, or use its id`,
    "Without a base, the users of an image are those in `users`, and root and nobody.",
    'image "a" {\n  files { "/x" directory { owner "api" } }\n}\n',
    'image "a" {\n  users { api { uid 1 gid 1 } }\n  files { "/x" directory { owner "api" } }\n}\n',
  ),
  "unwritten-user": warning(
    ({ name }: { name: string }) =>
      `the image may have no /etc/passwd with the user ${name}; add \`provide [ users ]\`, or write the user's id`,
    "A container starts as a user in /etc/passwd, or as a user id. `users`, `groups`, `nix` and `provide [ users ]` write that file, with root and nobody. A package may contain the file as well, but only the build can see that.",
    'image "a" {\n  config { user "nobody" }\n}\n',
    'image "a" {\n  provide [ users ]\n  config { user "nobody" }\n}\n',
  ),
  "unknown-package": error(
    ({ name, set, near }: { name: string; set: string; near: string[] }) =>
      `${set === "" ? "the package set" : `\`${set}\``} has no \`${name}\`${near.length === 0 ? "; search the package set for its name" : `; did you mean ${alternatives(near)}?`}`,
    "With `--packages`, and in an editor with Nix, packages are looked up in the package set before anything is built. The lookup also finds sets, functions and names that throw an error in the place of a package. It does not evaluate packages, so unfree, insecure, broken and unsupported ones only show when an image is built, and it does not read Nix code.",
    'image "a" {\n  packages [ helo ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
};
