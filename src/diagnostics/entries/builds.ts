/** Diagnostics from evaluating packages and expressions, and from building files and bases. */
import { error } from "./entry.ts";

/** Joins and shortens the lines of Nix's message: a diagnostic has one line. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line;
}
const MAX_LENGTH = 400;

const on = (platform: string | undefined): string => (platform === undefined ? "" : ` for ${platform}`);

/** The message for a value that is not a package, with a replacement. */
function insteadOf(kind: string, name: string | null, parameters: string[]): string {
  const subject = name === null ? "this" : `\`${name}\``;
  switch (kind) {
    case "function": {
      const takes = parameters.length === 0 ? "…" : `{ ${parameters.slice(0, 3).join(" ")} … }`;
      const argument = name?.endsWith("withPackages") === true ? "(p: [ p.NAME ])" : takes;
      return `${subject} is a function, not a package; call it in Nix code, as in \`nix ''${name ?? "…"} ${argument}''\``;
    }
    case "set":
      return `${subject} is a set, not a package; name a package in it, as in \`${name ?? "SET"}.NAME\``;
    case "text":
      return `${subject} is a string without a store path, not a package; name a package`;
    default:
      return `${subject} is ${kind === "int" ? "an integer" : kind === "null" ? "null" : `a ${kind}`}, not a package; name a package`;
  }
}

interface Refused {
  name: string;
  /** The package that needs the refused package, if the spec does not name the refused package directly. */
  by?: string | undefined;
}

const refused = ({ name, by }: Refused): string =>
  by === undefined ? `\`${name}\`` : `${by} needs \`${name}\`, which`;

/** The package set that messages propose. */
export const PACKAGE_SET = 'nixpkgs "github:NixOS/nixpkgs/nixos-26.05"';

export const buildEntries = {
  "build-finding": error(
    ({ message }: { message: string }) => message,
    "Some mistakes only show when packages and files are built. `imgc build` reports these at their places in the description.",
    'image "a" {\n  permissions { "/nowhere/*" { mode 0755 } }\n}\n',
    'image "a" { }\n',
  ),
  "no-package-set": error(
    (_nothing: object) =>
      `no package set is named, and Nix finds no \`<nixpkgs>\`; write \`${PACKAGE_SET}\` at the top of the file and run \`imgc lock\`, or pass a folder with --nixpkgs`,
    "Packages come from the set in the setting `nixpkgs`, from the option --nixpkgs, or from `<nixpkgs>` on NIX_PATH.",
    'image "without-nix-path" {\n  packages [ hello ]\n}\n',
    'nixpkgs "github:NixOS/nixpkgs/nixos-26.05"\nimage "a" {\n  packages [ hello ]\n}\n',
  ),
  "failing-package-set": error(
    ({ message, platform }: { message: string; platform?: string | undefined }) =>
      `the package set cannot be evaluated${on(platform)}: ${oneLine(message)}`,
    "`nixpkgs` must name a function that returns a set of packages, as nixpkgs does, and this function must accept the options.",
    "nixpkgs nix ''throw \"moved\"''\nimage \"a\" {\n  packages [ hello ]\n}\n",
    "nixpkgs nix ''import <nixpkgs> { }''\nimage \"a\" {\n  packages [ hello ]\n}\n",
  ),
  "failing-option": error(
    ({
      option,
      name,
      message,
      platform,
    }: {
      option: "configuration" | "overlay";
      /** The package that fails; null for the whole set, or for an expression. */
      name: string | null;
      message: string;
      platform?: string | undefined;
    }) =>
      `with this ${option}, ${name === null ? "the package set" : `\`${name}\``} cannot be evaluated${on(platform)}: ${oneLine(message)}`,
    "An overlay or the `config` of the package set cannot be evaluated, or breaks a package that can be evaluated without it.",
    "nixpkgs nix ''<nixpkgs>'' { overlays [ nix ''(final: prev: throw \"gone\")'' ] }\nimage \"a\" {\n  packages [ hello ]\n}\n",
    "nixpkgs nix ''<nixpkgs>'' { overlays [ nix ''(final: prev: { })'' ] }\nimage \"a\" {\n  packages [ hello ]\n}\n",
  ),
  "not-a-package": error(
    ({ name, kind, parameters }: { name: string | null; kind: string; parameters: string[] }) =>
      insteadOf(kind, name, parameters),
    "A package is a derivation. Names of a package set can also stand for sets of packages, or for functions that return a package.",
    'image "a" {\n  packages [ python3Packages ]\n}\n',
    'image "a" {\n  packages [ python3Packages.flask ]\n}\n',
  ),
  "unfree-package": error(
    ({ name, by, license, allowed }: Refused & { license: string | null; allowed: string }) =>
      `${refused({ name, by })} has a licence that is not free${license === null ? "" : ` (${license})`}; allow it with \`nixpkgs … { allow-unfree [ ${allowed} ] }\``,
    "nixpkgs refuses packages whose licence is not free, unless they are allowed.",
    'image "a" {\n  packages [ vault ]\n}\n',
    'nixpkgs "github:NixOS/nixpkgs/nixos-26.05" { allow-unfree [ vault ] }\nimage "a" {\n  packages [ hello ]\n}\n',
  ),
  "insecure-package": error(
    ({ name, by, vulnerabilities, allowed }: Refused & { vulnerabilities: string[]; allowed: string }) => {
      const known = vulnerabilities.length === 0 ? "" : ` (${oneLine(vulnerabilities.join(", "))})`;
      return `${refused({ name, by })} is known to be insecure${known}; use another version, or allow it with \`nixpkgs … { allow-insecure [ "${allowed}" ] }\``;
    },
    "nixpkgs refuses packages with known vulnerabilities, unless they are allowed by name and version.",
    'image "a" {\n  packages [ openssl_1_1 ]\n}\n',
    'image "a" {\n  packages [ openssl ]\n}\n',
  ),
  "broken-package": error(
    ({ name, by }: Refused) =>
      `${refused({ name, by })} is marked as broken; use another version, or try it with \`nixpkgs … { config nix ''{ allowBroken = true; }'' }\``,
    "nixpkgs marks packages that do not build, and refuses to evaluate them.",
    'image "a" {\n  packages [ abandoned ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "unsupported-package": error(
    ({ name, by, platform }: Refused & { platform?: string | undefined }) =>
      `${refused({ name, by })} does not support ${platform ?? "the platform of this machine"}; use another package, or try it with \`nixpkgs … { config nix ''{ allowUnsupportedSystem = true; }'' }\``,
    "A package of nixpkgs lists the platforms that it supports, and nixpkgs refuses to evaluate the package for other platforms.",
    'image "a" {\n  packages [ mac-only ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "failing-package": error(
    ({ name, message, platform }: { name: string; message: string; platform?: string | undefined }) =>
      `\`${name}\` cannot be evaluated${on(platform)}: ${oneLine(message)}`,
    "The package set refuses the package, and the message is from the package set. Usually, the package was renamed or removed, or it does not support the platform.",
    'image "a" {\n  packages [ old-name ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "failing-expression": error(
    ({ message, platform }: { message: string; platform?: string | undefined }) =>
      `this Nix expression cannot be evaluated${on(platform)}: ${oneLine(message)}`,
    "The message is from Nix. In the expression, the names of the package set are in scope, and relative paths start at the folder of the description.",
    "image \"a\" {\n  packages [ nix ''throw \"no\"'' ]\n}\n",
    "image \"a\" {\n  packages [ nix ''hello'' ]\n}\n",
  ),
  "forbidden-import": error(
    (_nothing: object) =>
      "this image needs import-from-derivation, which the settings of Nix forbid; write `cache { reuse group }`, which does not need it",
    "With `reuse layer`, the default, Nix reads the plan of the layers during evaluation. The setting `allow-import-from-derivation = false` of Nix forbids that.",
    'image "read-only" {\n  packages [ hello ]\n}\n',
    'image "a" {\n  packages [ hello ]\n  cache { reuse group }\n}\n',
  ),
};
