/** Converts the commands of `RUN`, and of scripts of dockerTools, to settings, as far as there are settings for them. */
import { posix } from "node:path";
import { writeMode, writeOwner, type ImageDraft, type UserDraft } from "../image-draft.ts";
import { writeString } from "../../language/index.ts";
import { nixpkgsName } from "./package-names.ts";
import { splitWords } from "./words.ts";

/** Commands that an imgc image does not need: updates of package lists, cleaning up, and options of the shell. */
const NO_EFFECT = [
  /^(?:apt|apt-get|apk|yum|dnf|microdnf)(?: -\S+)* (?:update|upgrade|dist-upgrade|clean|autoremove|autoclean|makecache)\b/,
  /^rm -\w*[rf]\w* (?:\/var\/(?:lib\/apt\/lists|cache\/(?:apt|apk|yum|dnf))|\/tmp|\/root\/\.cache)\S*(?: \/(?:var|tmp|root)\S*)*$/,
  /^set (?:[-+]\w+ ?)+(?:pipefail)?$/,
  /^(?:true|:)$/,
  /^export DEBIAN_FRONTEND=/,
];

const INSTALL = /^(?:apt|apt-get|apk|yum|dnf|microdnf)(?: -\S+)* (?:install|add)\b/;
/** Options of package managers that take the next word. */
const TAKES_VALUE = new Set(["-t", "--virtual", "-o", "--repository", "-X", "--target-release"]);

/** Advice for commands that cannot be converted, by the first words of the command. */
const ADVICE: [RegExp, string][] = [
  [
    /^(?:python3? -m )?pip3? install\b/,
    "Python libraries: packages [ … ] of python3Packages, or nix ''python3.withPackages (p: [ p.flask ])''",
  ],
  [
    /^(?:npm|yarn|pnpm|npx|corepack)\b/,
    "Node.js dependencies: build them with nix ''buildNpmPackage { … }'', and copy the result",
  ],
  [/^go\b/, "a Go program: nix ''buildGoModule { … }'' in packages [ … ]"],
  [/^cargo\b/, "a Rust program: nix ''rustPlatform.buildRustPackage { … }'' in packages [ … ]"],
  [
    /^(?:mvn|\.\/mvnw|gradle|\.\/gradlew)\b/,
    "a Java program: build it with Nix (maven.buildMavenPackage), and copy the result",
  ],
  [/^(?:bundle|gem)\b/, "Ruby gems: nix ''bundlerEnv { … }'' in packages [ … ]"],
  [/^composer\b/, "PHP libraries: nix ''php.buildComposerProject2 { … }'', and copy the result"],
  [
    /^(?:curl|wget)\b/,
    "a download: files { … copy nix ''fetchurl { url = …; hash = …; }'' }, or extract for an archive",
  ],
  [/^(?:git clone)\b/, "sources: files { … copy nix ''fetchGit { url = …; rev = …; }'' }"],
];

/** A package with a version, in the forms of apt (`curl=7.88.1-10`) and apk (`curl~8`, `curl>8`). */
const VERSIONED = /[=<>~]/;

/** Where a script is from. */
export interface ScriptPlace {
  /** The beginning of comments about the script, such as `Dockerfile:3`. */
  name: string;
  /** The instruction, in comments between the name and the commands: ` RUN`. */
  instruction: string;
  /** Whether relative paths start at the root of the image. If not, commands with relative paths are not converted. */
  startsAtRoot: boolean;
}

/** Converts the commands of a script. A comment names the commands that cannot be converted. */
export function importScript(script: string, place: ScriptPlace, draft: ImageDraft): void {
  const commands = simpleCommands(script);
  const left = commands === undefined ? [script] : commands.filter((command) => !importCommand(command, place, draft));
  if (left.length === 0) return;
  const advice = left.flatMap((command) => ADVICE.find(([pattern]) => pattern.test(command))?.[1] ?? []);
  const otherwise =
    "imgc runs no commands in images: make the result with a derivation, and copy it (examples/build-steps.imgspec)";
  draft.note(
    `${place.name}:${place.instruction} ${left.join(" && ")}`,
    ...new Set(advice.length === 0 ? [otherwise] : advice),
  );
}

/** The commands of a script that is a plain sequence of commands; undefined if the script has any other shell syntax. */
function simpleCommands(script: string): string[] | undefined {
  const separated = script
    .replaceAll(/^[ \t]*#.*$/gm, "")
    .replaceAll(/"(?:\\[\s\S]|[^"\\])*"|'[^']*'|&&|;|\n/g, (piece) => (/^["']/.test(piece) ? piece : "\u0000"));
  const commands = separated.split("\u0000").map((command) => command.trim().replaceAll(/\s+/g, " "));
  const isOther = commands.some((command) =>
    /[|<>`(){}&]|^(?:if|for|while|case|do|then|else|fi|done|cd)\b/.test(command.replaceAll(/\$\{\w[^{}]*\}/g, "")),
  );
  return isOther ? undefined : commands.filter((command) => command !== "");
}

/** Adds the settings that replace a command. Returns whether the command could be converted. */
function importCommand(command: string, place: ScriptPlace, draft: ImageDraft): boolean {
  const bare = command.replace(/^(?:sudo |(?:\w+=\S* )+)/, "");
  if (NO_EFFECT.some((pattern) => pattern.test(bare))) return true;
  if (bare.includes("$")) return false;
  if (INSTALL.test(bare)) return importPackages(bare, place, draft);
  const [program, ...words] = splitWords(bare).map((word) => word.replaceAll(/^["']|["']$/g, ""));
  const options = words.filter((word) => word.startsWith("-"));
  const paths = words.filter((word) => !word.startsWith("-"));
  const inImage = (path: string) => (place.startsAtRoot && !path.startsWith("~") ? posix.join("/", path) : path);
  const areAbsolute = (some: string[]) => some.length > 0 && some.every((path) => /^\/[\w./+-]+$/.test(path));
  // Other options take a value, which would look like a path.
  const isPlain = options.every((option) => /^-[pvfhRs]+$|^--parents$|^--recursive$/.test(option));
  if (!isPlain && /^(?:mkdir|chown|chmod|ln)$/.test(program ?? "")) return false;
  switch (program) {
    case "mkdir": {
      const made = paths.map(inImage);
      if (!areAbsolute(made)) return false;
      for (const path of made) if (!draft.files.has(clean(path))) draft.files.set(clean(path), { text: "directory" });
      return true;
    }
    case "chown": {
      const [owner = "", ...rest] = paths;
      const targets = rest.map(inImage);
      return (
        areAbsolute(targets) &&
        isKnown(owner, draft) &&
        permit(targets, options.includes("-R"), `owner ${writeOwner(owner)}`, draft)
      );
    }
    case "chmod": {
      const [mode = "", ...rest] = paths;
      const targets = rest.map(inImage);
      const rule = `mode ${writeMode(mode)}`;
      return (
        /^[0-7]{3,4}$/.test(mode) &&
        areAbsolute(targets) &&
        !options.includes("-R") &&
        permit(targets, false, rule, draft)
      );
    }
    case "ln": {
      const [target = "", link = ""] = paths;
      const path = inImage(link);
      if (paths.length !== 2 || !areAbsolute([path]) || !options.some((option) => option.includes("s"))) return false;
      draft.files.set(clean(path), { text: `link ${writeString(target)}` });
      return true;
    }
    case "useradd":
      return importUser(words, false, place, draft);
    case "adduser":
      return importUser(words, !options.some((option) => NO_HOME.has(option)), place, draft);
    case "groupadd":
    case "addgroup":
      return importGroup(words, draft);
    default:
      return false;
  }
}

function importPackages(command: string, place: ScriptPlace, draft: ImageDraft): boolean {
  const words = splitWords(command);
  const start = words.findIndex((word) => word === "install" || word === "add") + 1;
  const names = words
    .slice(start)
    .filter((word, i, all) => !word.startsWith("-") && !TAKES_VALUE.has(all[i - 1] ?? ""));
  const unknown: string[] = [];
  const versions: string[] = [];
  for (const name of names) {
    const bare = name.replaceAll(/["']/g, "");
    const attribute = nixpkgsName(bare);
    if (attribute !== undefined && VERSIONED.test(bare)) versions.push(bare);
    if (attribute === undefined) unknown.push(name);
    else if (attribute === "cacert") draft.provide.add("certificates");
    else if (attribute !== "" && !draft.packages.some(({ text }) => text === attribute))
      draft.packages.push({ text: attribute });
  }
  if (versions.length > 0)
    draft.note(
      `${place.name}: versions of packages: ${versions.join(" ")}`,
      "The pinned package set has one version of each package.",
    );
  if (unknown.length > 0)
    draft.note(
      `${place.name}: packages without a known name in nixpkgs: ${unknown.join(" ")}`,
      "Look each up with `nix search nixpkgs NAME`, and add it to packages.",
    );
  return true;
}

/** Whether the image may have the users and groups of an owner `USER:GROUP`. */
function isKnown(owner: string, { base, users, groups }: ImageDraft): boolean {
  return owner
    .split(":")
    .every((name) => /^(?:\d+|root)$/.test(name) || base !== undefined || users.has(name) || groups.has(name));
}

function permit(targets: string[], isDeep: boolean, rule: string, draft: ImageDraft): true {
  for (const target of targets) {
    const path = clean(target);
    const entry = draft.files.get(path);
    if (entry?.text === "directory" && !isDeep) {
      const [name = "", value = ""] = rule.split(/ (.*)/s);
      if (name === "mode") entry.mode = value;
      else entry.owner = value;
      continue;
    }
    for (const glob of isDeep ? [path, `${path}/**`] : [path]) {
      const old = draft.permissions.find(({ text }) => text?.startsWith(`${writeString(glob)} {`) === true);
      if (old?.text === undefined) draft.permissions.push({ text: `${writeString(glob)} { ${rule} }` });
      else old.text = old.text.replace(/ \}$/, ` ${rule} }`);
    }
  }
  return true;
}

/** Options that take a value, in the forms of shadow and of BusyBox. */
const USER_OPTIONS: Record<string, "uid" | "gid" | "home" | "shell" | "groups" | "comment"> = {
  "-u": "uid",
  "--uid": "uid",
  "-g": "gid",
  "--gid": "gid",
  "--ingroup": "gid",
  "-G": "gid",
  "-d": "home",
  "-h": "home",
  "--home": "home",
  "--home-dir": "home",
  "-s": "shell",
  "--shell": "shell",
  "-c": "comment",
  "--comment": "comment",
  "--gecos": "comment",
};

/** Options of adduser for a user without the usual home folder. */
const NO_HOME = new Set(["-H", "--no-create-home", "--system"]);

/** `hasHome`: whether the command makes a home folder without an option for it. */
function importUser(words: string[], hasHome: boolean, place: ScriptPlace, draft: ImageDraft): boolean {
  const values: Partial<Record<string, string>> = {};
  const names: string[] = [];
  let makesHome = hasHome;
  for (let i = 0; i < words.length; i++) {
    const [option = "", inline] = (words[i] as string).split(/=(.*)/s);
    const meaning = USER_OPTIONS[option];
    if (meaning !== undefined) values[meaning] = inline ?? words[++i] ?? "";
    else if (/^(?:--create-home|-[a-zA-Z]*m[a-zA-Z]*)$/.test(option)) makesHome = true;
    else if (!option.startsWith("-")) names.push(option);
  }
  const [name, group] = names;
  if (name === undefined || !/^[a-z_][\w-]*$/.test(name)) return false;
  // `adduser USER GROUP` adds an existing user to a group. This is not converted.
  if (group !== undefined) return false;
  const isNumber = (text: string | undefined): text is string => text !== undefined && /^\d+$/.test(text);
  const own = values["gid"];
  const uid = isNumber(values["uid"]) ? Number(values["uid"]) : (draft.groups.get(own ?? name)?.gid ?? freeId(draft));
  const gid = isNumber(own) ? Number(own) : (draft.groups.get(own ?? name)?.gid ?? uid);
  const home = values["home"] ?? (makesHome ? `/home/${name}` : undefined);
  const user: UserDraft = { uid, gid, home, shell: values["shell"] };
  if (!isNumber(values["uid"])) user.notes = [`${place.name} gives no id; imgc needs one.`];
  if (own === undefined || isNumber(own) || own === name) draft.groups.delete(name);
  draft.users.set(name, user);
  return true;
}

function importGroup(words: string[], draft: ImageDraft): boolean {
  const at = words.findIndex((word) => ["-g", "--gid"].includes(word));
  const id = at === -1 ? undefined : words[at + 1];
  const names = words.filter((word, i) => !word.startsWith("-") && (at === -1 || i !== at + 1));
  const [name] = names;
  if (names.length !== 1 || name === undefined || !/^[a-z_][\w-]*$/.test(name)) return false;
  draft.groups.set(name, { gid: id !== undefined && /^\d+$/.test(id) ? Number(id) : freeId(draft) });
  return true;
}

function freeId(draft: ImageDraft): number {
  const used = new Set([...draft.users.values()].flatMap(({ uid, gid }) => [uid, gid]));
  for (const { gid } of draft.groups.values()) used.add(gid);
  let id = 1000;
  while (used.has(id)) id++;
  return id;
}

function clean(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}
