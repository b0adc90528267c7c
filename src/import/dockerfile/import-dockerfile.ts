/**
 * Converts a Dockerfile to an image description (https://docs.docker.com/reference/dockerfile/): the last stage, and
 * the stages that it is based on. A copy from any other stage becomes a comment.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { DockerfileParser, type Flag, type Instruction } from "dockerfile-ast";
import * as z from "zod/mini";
import { findPlatform, writeString } from "../../language/index.ts";
import { InvalidReference, parseReference } from "../../oci/reference.ts";
import { globMatcher } from "../../util/glob.ts";
import { ImportError } from "../import-error.ts";
import { ImageDraft, writeMode, writeOwner, writeSource, type FileDraft } from "../image-draft.ts";
import { writeList, type ImportedSpec } from "../spec-text.ts";
import { importScript } from "./run-commands.ts";
import { platformText } from "../../oci/platform.ts";
import { DEFAULT_PATH } from "../../oci/run-config.ts";
import { expand, logicalLine, splitWords, type Lookup } from "./words.ts";

const Strings = z.array(z.string());
const OCTAL = /^[0-7]{3,4}$/;

interface Stage {
  name: string | undefined;
  from: Instruction;
  instructions: Instruction[];
}

/** The state that the instructions of a chain of stages share. */
interface State {
  draft: ImageDraft;
  /** The build context: the folder from which `COPY` reads. */
  context: string;
  escape: string;
  /** The lines of the file. */
  lines: string[];
  stages: Stage[];
  /** Values of `ARG` and `ENV`. */
  variables: Map<string, string>;
  shell: string[];
  workdir: string;
  isScratch: boolean;
  exclude: string[];
}

/**
 * `name`: the image's name. `context`: the build context, the folder from which `COPY` reads. Throws an ImportError if
 * the text has no FROM.
 */
export function importDockerfile(text: string, name: string, context: string): ImportedSpec {
  const file = DockerfileParser.parse(text);
  const all = file.getInstructions();
  const first = all.findIndex((each) => each.getKeyword() === "FROM");
  const stages: Stage[] = [];
  for (const instruction of first === -1 ? [] : all.slice(first)) {
    if (instruction.getKeyword() === "FROM")
      stages.push({ name: stageName(instruction), from: instruction, instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  const last = stages.at(-1);
  if (last === undefined) throw new ImportError("not a Dockerfile: no line begins with FROM");
  const state: State = {
    draft: new ImageDraft(name),
    context,
    escape: file.getEscapeCharacter(),
    lines: text.split(/\r?\n/),
    stages,
    variables: new Map(),
    shell: ["/bin/sh", "-c"],
    workdir: "/",
    isScratch: false,
    exclude: dockerIgnored(context),
  };
  for (const instruction of all.slice(0, Math.max(first, 0)))
    if (instruction.getKeyword() === "ARG") importArg(instruction, state);
  importStage(last, state);
  finish(state);
  return { notes: ["Imported from a Dockerfile by `imgc import`."], lets: [], images: [state.draft.finish()] };
}

function stageName(from: Instruction): string | undefined {
  const words = from.getArguments().map((each) => each.getValue());
  const at = words.findIndex((word) => word.toLowerCase() === "as");
  return at === -1 ? undefined : words[at + 1];
}

function importStage(stage: Stage, state: State): void {
  const { draft } = state;
  const [image = ""] = splitWords(content(stage.from, state)).filter((word) => !word.startsWith("--"));
  const base = value(image, state);
  const below = state.stages.slice(0, state.stages.indexOf(stage)).find(({ name }) => name === base);
  const platform = flagsOf(stage.from)
    .find((flag) => flag.getName() === "platform")
    ?.getValue();
  if (platform !== undefined && platform !== null && !platform.includes("$"))
    importPlatform(platform, stage.from, state);
  if (below !== undefined) importStage(below, state);
  else if (base === "scratch") {
    state.isScratch = true;
    // Docker sets PATH in an image from `scratch`.
    state.variables.set("PATH", DEFAULT_PATH);
    draft.env.set("PATH", { text: writeString(DEFAULT_PATH) });
  } else importBase(base, stage.from, state);
  // ENTRYPOINT drops the CMD of the base, but not a CMD of the same stage.
  const hasCmd = stage.instructions.some((each) => each.getKeyword() === "CMD");
  if (!hasCmd && stage.instructions.some((each) => each.getKeyword() === "ENTRYPOINT")) draft.config.delete("cmd");
  for (const instruction of stage.instructions) importInstruction(instruction, state);
}

function importPlatform(name: string, from: Instruction, { draft }: State): void {
  const found = findPlatform(name);
  if ("platform" in found) draft.platforms.push(platformText(found.platform));
  else draft.note(`Dockerfile:${lineOf(from)}: the platform ${name} is unknown`);
}

function importBase(base: string, from: Instruction, { draft }: State): void {
  try {
    const { name, tag, digest } = parseReference(base);
    const end = digest === undefined ? `:${tag ?? "latest"}` : `@${digest}`;
    draft.base = `registry ${writeString(name + end)}`;
  } catch (error) {
    if (!(error instanceof InvalidReference)) throw error;
    draft.note(`Dockerfile:${lineOf(from)}: FROM ${base}: ${error.message}`);
  }
}

function importInstruction(instruction: Instruction, state: State): void {
  const { draft } = state;
  const line = lineOf(instruction);
  const text = content(instruction, state);
  const words = () => splitWords(withoutFlags(text)).map((word) => value(word, state));
  switch (instruction.getKeyword()) {
    case "ARG":
      return importArg(instruction, state);
    case "ENV":
      return importEnv(text, line, state);
    case "LABEL":
      return importLabels(text, line, state);
    case "MAINTAINER":
      draft.author = text;
      return;
    case "WORKDIR": {
      state.workdir = posix.resolve(state.workdir, value(text, state));
      draft.config.set("workdir", writeString(state.workdir));
      return;
    }
    case "USER":
      draft.config.set("user", writeString(value(text, state)));
      return;
    case "EXPOSE":
      for (const port of splitWords(text)) importPort(port, line, state);
      return;
    case "VOLUME":
      for (const path of jsonOf(text) ?? words()) draft.volumes.add(path);
      return;
    case "STOPSIGNAL":
      draft.config.set("stop-signal", writeString(value(text, state)));
      return;
    case "SHELL":
      state.shell = jsonOf(text) ?? state.shell;
      draft.config.set("shell", writeList(state.shell));
      draft.isDocker = true;
      return;
    case "CMD":
    case "ENTRYPOINT":
      draft.config.set(instruction.getKeyword().toLowerCase(), writeList(commandOf(text, state)));
      return;
    case "HEALTHCHECK":
      return importHealthcheck(instruction, text, state);
    case "COPY":
    case "ADD":
      return importCopy(instruction, text, state);
    case "RUN":
      return importScript(
        scriptOf(instruction, text, state),
        { name: `Dockerfile:${line}`, instruction: " RUN", startsAtRoot: false },
        draft,
      );
    default:
      draft.note(
        `Dockerfile:${line}: ${instruction.getKeyword()} ${text}`,
        `imgc has no setting for ${instruction.getKeyword()}.`,
      );
  }
}

function importArg(instruction: Instruction, state: State): void {
  for (const [name, raw] of pairs(content(instruction, state), true)) {
    if (raw === undefined) continue;
    if (!state.variables.has(name)) state.variables.set(name, value(raw, state));
  }
}

function importEnv(text: string, line: number, state: State): void {
  const { draft } = state;
  // Variables in an ENV instruction have the values from before that instruction.
  const before = new Map(state.variables);
  for (const [name, written = ""] of pairs(text)) {
    const own = { prepend: `:\${${name}}`, append: `\${${name}}:` };
    const raw = written.replaceAll(/^"|"$/g, "").replace(new RegExp(`\\$${name}(?!\\w)`), `\${${name}}`);
    const isOfBase = !before.has(name) && !state.isScratch;
    const lookup: Lookup = (each) => before.get(each);
    if (isOfBase && raw.endsWith(own.prepend)) {
      const start = expand(raw.slice(0, -own.prepend.length), lookup, state.escape).text;
      draft.env.set(name, { text: `prepend ${writeString(start)}` });
    } else if (isOfBase && raw.startsWith(own.append)) {
      const end = expand(raw.slice(own.append.length), lookup, state.escape).text;
      draft.env.set(name, { text: `append ${writeString(end)}` });
    } else {
      const { text: expanded, unknown } = expand(written, lookup, state.escape);
      const notes =
        unknown.length === 0 ? [] : [`Dockerfile:${line}: the value of ${unknown.join(", ")} is unknown here.`];
      draft.env.set(name, { text: writeString(expanded), notes });
      state.variables.set(name, expanded);
    }
  }
}

function importLabels(text: string, line: number, state: State): void {
  const { draft, variables, escape } = state;
  const unknown = new Set<string>();
  for (const [name, raw = ""] of pairs(text)) {
    const expanded = expand(raw, (each) => variables.get(each), escape);
    for (const each of expanded.unknown) unknown.add(each);
    draft.labels.set(value(name, state), writeString(expanded.text));
  }
  if (unknown.size > 0)
    draft.note(`Dockerfile:${line}: LABEL: the value of ${[...unknown].join(", ")} is unknown here.`);
}

function importPort(written: string, line: number, state: State): void {
  const port = value(written, state).toLowerCase();
  if (/^\d+(?:-\d+)?(?:\/(?:tcp|udp|sctp))?$/.test(port)) state.draft.expose.add(port);
  else state.draft.note(`Dockerfile:${line}: EXPOSE ${written}: no port number, or a variable whose value is unknown`);
}

function importHealthcheck(instruction: Instruction, text: string, state: State): void {
  const { draft } = state;
  const rest = withoutFlags(text);
  draft.isDocker = true;
  if (/^none$/i.test(rest)) {
    draft.healthcheck = [`test ${writeList(["NONE"])}`];
    return;
  }
  const command = rest.replace(/^cmd\s+/i, "");
  const test = jsonOf(command);
  const settings = [`test ${writeList(test === undefined ? ["CMD-SHELL", command] : ["CMD", ...test])}`];
  for (const flag of flagsOf(instruction)) {
    const given = flag.getValue() ?? "";
    if (flag.getName() === "retries") settings.push(`retries ${given}`);
    else if (["interval", "timeout", "start-period"].includes(flag.getName()))
      settings.push(`${flag.getName()} ${duration(given)}`);
    else draft.note(`Dockerfile:${lineOf(instruction)}: HEALTHCHECK ${flag.toString()} has no setting`);
  }
  draft.healthcheck = settings;
}

const MILLISECONDS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Converts a duration such as `1m30s` in Go's notation. In the language, a duration has only one unit. */
function duration(text: string): string {
  const parts = [...text.matchAll(/([\d.]+)(ms|[hms])/g)];
  const milliseconds = parts.reduce(
    (sum, [, count, unit = "ms"]) => sum + Number(count) * (MILLISECONDS[unit] ?? 1),
    0,
  );
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${Math.round(milliseconds)}ms`;
}

function importCopy(instruction: Instruction, text: string, state: State): void {
  const { draft } = state;
  const line = lineOf(instruction);
  const flags = new Map(flagsOf(instruction).map((flag) => [flag.getName(), flag.getValue() ?? ""]));
  const bare = withoutFlags(text);
  const paths = jsonOf(bare) ?? splitWords(bare.split("\n")[0] ?? "").map((word) => value(word, state));
  const to = paths.pop() ?? "";
  const target = posix.resolve(state.workdir, to);
  const isFolder = /(?:^|\/)\.{0,2}$/.test(to) || paths.length > 1;
  const rights = rightsOf(flags, state);
  const from = flags.get("from");
  if (from !== undefined) {
    const built = state.stages.some(({ name }, i) => name === from || `${i}` === from);
    const origin = built ? `the stage ${from}` : `the image ${from}`;
    draft.note(
      `Dockerfile:${line}: COPY ${paths.join(" ")} from ${origin} to ${target}`,
      "Build the files with Nix: files { … copy nix ''…'' }, or a package of nixpkgs in packages.",
    );
    return;
  }
  for (const [flag, given] of flags) {
    const advice = copyFlag(flag, given);
    if (advice !== undefined) draft.note(`Dockerfile:${line}: --${flag}${given === "" ? "" : `=${given}`}: ${advice}`);
  }
  const heredocs = heredocsOf(instruction, state);
  for (const source of paths.flatMap((path) => matching(path, state.context))) {
    const heredocName = source.replace(/^<<-?["']?(\w+)["']?$/, "$1");
    const heredoc = heredocs.get(heredocName);
    const entry = sourceOf(source, heredoc, instruction, state);
    if (typeof entry === "string") {
      draft.note(`Dockerfile:${line}: ${instruction.getKeyword()} ${source} to ${target}`, entry);
      continue;
    }
    const name =
      isFolder && !entry.isFolder
        ? posix.join(target, posix.basename(heredoc === undefined ? source : heredocName))
        : target;
    const old = draft.files.get(name);
    if (old !== undefined && old.text.startsWith("copy ") && entry.isFolder)
      draft.note(`Dockerfile:${line}: ${source} is copied to ${name} as well; put both into one folder`);
    else draft.files.set(name, { ...entry.file, ...rights });
  }
}

/** The comment for a flag of COPY or ADD; undefined if the flag is converted, or does not change the files. */
function copyFlag(flag: string, given: string): string | undefined {
  switch (flag) {
    case "chmod":
      return OCTAL.test(given) ? undefined : "imgc takes octal modes: add mode to the entry";
    case "parents":
      return "imgc keeps no parent folders of the source: name them in the entry's path";
    case "exclude":
      return "add exclude [ … ] to the entry";
    case "unpack":
      return given === "false" ? "use copy in place of extract" : "use extract in place of copy";
    case "checksum":
      return "give the checksum as the hash of fetchurl";
    default:
      return undefined;
  }
}

function rightsOf(flags: ReadonlyMap<string, string>, state: State): Pick<FileDraft, "mode" | "owner"> {
  const [mode, owner] = [flags.get("chmod"), flags.get("chown")];
  return {
    ...(mode !== undefined && OCTAL.test(mode) && { mode: writeMode(mode) }),
    ...(owner !== undefined && { owner: writeOwner(value(owner, state)) }),
  };
}

/** The `files` entry for one source of COPY or ADD; a string, the text of a comment, if the source cannot be converted. */
function sourceOf(
  source: string,
  heredoc: string | undefined,
  instruction: Instruction,
  { context, exclude }: State,
): { file: FileDraft; isFolder: boolean } | string {
  if (heredoc !== undefined) return { file: { text: `text ${writeString(heredoc)}` }, isFolder: false };
  const isAdd = instruction.getKeyword() === "ADD";
  if (/^(?:https?|ftp):\/\//.test(source))
    return `A download: files { … copy nix ''fetchurl { url = ${JSON.stringify(source)}; hash = ""; }'' }; Nix says the hash.`;
  if (/^git@|\.git(?:#|$)/.test(source)) return "Sources: files { … copy nix ''fetchGit { url = …; rev = …; }'' }.";
  const path = posix.normalize(source.replace(/^\/+/, "./"));
  const found = statSync(join(context, path), { throwIfNoEntry: false });
  if (isAdd && /\.(?:tar|tgz|tar\.(?:gz|xz|zst))$/.test(path))
    return { file: { text: `extract ${writeSource(path)}` }, isFolder: true };
  const isFolder = found?.isDirectory() ?? posix.extname(path) === "";
  const below = isFolder ? excludedBelow(path, exclude) : [];
  return {
    file: {
      text: `copy ${writeSource(path)}`,
      ...(below.length > 0 && { options: [`exclude ${writeList(below)}`] }),
      ...(found === undefined && { notes: [`${path} is not in this folder.`] }),
    },
    isFolder,
  };
}

/** The sources that match a pattern, or the pattern itself if no source does. */
function matching(pattern: string, context: string): string[] {
  if (!/[*?[]/.test(pattern)) return [pattern];
  const folder = posix.dirname(pattern);
  const matches = globMatcher(posix.basename(pattern));
  const directory = join(context, folder);
  const names = existsSync(directory)
    ? readdirSync(directory)
        .filter((name) => matches(name))
        .toSorted()
    : [];
  return names.length === 0 ? [pattern] : names.map((name) => posix.join(folder, name));
}

/**
 * The patterns of .dockerignore in the syntax of .gitignore. They start with `/`, since they are relative to the build
 * context.
 */
function dockerIgnored(context: string): string[] {
  const file = join(context, ".dockerignore");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8")
    .split(/\r?\n/)
    .map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [sign, pattern] = line.startsWith("!") ? ["!", line.slice(1)] : ["", line];
      const path = posix.normalize(pattern.replace(/^\/+/, ""));
      return sign + (path.startsWith("**/") ? path : `/${path}`);
    });
}

/** The patterns that apply inside a copied folder, relative to that folder. */
function excludedBelow(path: string, exclude: string[]): string[] {
  const prefix = path === "." || path === "./" ? "/" : `/${posix.normalize(path).replace(/\/$/, "")}/`;
  return exclude.flatMap((line) => {
    const [sign, pattern] = line.startsWith("!") ? ["!", line.slice(1)] : ["", line];
    if (!pattern.startsWith("/")) return [line];
    return pattern.startsWith(prefix) ? [`${sign}/${pattern.slice(prefix.length)}`] : [];
  });
}

/**
 * Adds the directories that WORKDIR and VOLUME create. Also adds `provide [ users ]` if the image runs as a built-in
 * user and nothing else writes /etc/passwd.
 */
function finish({ draft, workdir, isScratch }: State): void {
  for (const path of [workdir, ...draft.volumes]) {
    const isMade = [...draft.files.keys()].some((name) => name === path || name.startsWith(`${path}/`));
    if (path !== "/" && path.startsWith("/") && !isMade) draft.files.set(path, { text: "directory" });
  }
  const user = /^"([^":]+)/.exec(draft.config.get("user") ?? "")?.[1];
  if (isScratch && (user === "root" || user === "nobody") && draft.users.size === 0) draft.provide.add("users");
}

// --- reading instructions

function lineOf(instruction: Instruction): number {
  return instruction.getRange().start.line + 1;
}

function content(instruction: Instruction, { escape }: State): string {
  const raw = instruction.getRawArgumentsContent() ?? "";
  const isHeredoc = /^(?:RUN|COPY|ADD)$/.test(instruction.getKeyword()) && /<<-?["']?\w/.test(raw);
  return isHeredoc ? raw : logicalLine(raw, escape);
}

function flagsOf(instruction: Instruction): Flag[] {
  return "getFlags" in instruction && typeof instruction.getFlags === "function"
    ? (instruction.getFlags() as Flag[])
    : [];
}

function withoutFlags(text: string): string {
  return text.replace(/^(?:--[\w-]+(?:=\S*)?\s+)+/, "");
}

function value(raw: string | undefined, { variables, escape }: State): string {
  return expand(raw ?? "", (name) => variables.get(name), escape).text;
}

/**
 * Parses `NAME=value NAME=value`, or the form `NAME value` for a single variable. In a declaration (ARG), a name needs
 * no value.
 */
function pairs(text: string, isDeclaration = false): [name: string, value: string | undefined][] {
  const words = splitWords(text);
  const [first = ""] = words;
  if (first === "") return [];
  if (!isDeclaration && !first.includes("=")) return [[first, text.slice(first.length).trim()]];
  const all = words.map((word): [string, string | undefined] => {
    const at = word.indexOf("=");
    return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
  });
  return all.filter(([name]) => name !== "");
}

function jsonOf(text: string): string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    return z.safeParse(Strings, JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function commandOf(text: string, { shell }: State): string[] {
  return jsonOf(text) ?? [...shell, text];
}

/**
 * The shell script of a RUN instruction. For a RUN in JSON form, its words, joined with spaces. A here-document is the
 * script unless it is the input of a command.
 */
function scriptOf(instruction: Instruction, text: string, state: State): string {
  const [script] = heredocsOf(instruction, state).values();
  const [first = ""] = withoutFlags(text).split("\n");
  if (script !== undefined && !(/^<<-?["']?\w+["']?\s*$/.test(first) && !script.startsWith("#!")))
    return withoutFlags(text);
  return script ?? (jsonOf(text)?.join(" ") || withoutFlags(text));
}

/** The here-documents of an instruction, by name. */
function heredocsOf(instruction: Instruction, { lines }: State): Map<string, string> {
  const { start, end } = instruction.getRange();
  const names = [...(lines[start.line] ?? "").matchAll(/<<(-?)["']?(\w+)["']?/g)];
  const found = new Map<string, string>();
  if (end.line === start.line) return found;
  let at = start.line + 1;
  for (const [, dash, name = ""] of names) {
    const stop = lines.findIndex((line, i) => i >= at && line.trim() === name);
    if (stop === -1) break;
    const body = lines.slice(at, stop).map((line) => (dash === "-" ? line.replace(/^\t+/, "") : line));
    found.set(name, body.map((line) => `${line}\n`).join(""));
    at = stop + 1;
  }
  return found;
}
