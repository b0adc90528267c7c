/** Converts recorded calls of dockerTools and nix2container to an image description. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import * as z from "zod/mini";
import { findPlatform, writeString } from "../language/index.ts";
import { platformText } from "../oci/platform.ts";
import { importScript } from "./dockerfile/run-commands.ts";
import { ImageDraft, writeMode, writeSource } from "./image-draft.ts";
import { attributePart, markerCode, splitAtStorePaths, Unwritable, type Paths } from "./nix-code.ts";
import { markerOf, piecesOf, type Marker } from "./nix-records.ts";
import { type ImportedImage, type ImportedSpec } from "./spec-text.ts";

type Call = Marker & { kind: "image" };
type Arguments = Record<string, unknown>;

const Strings = z.array(z.string());
const Fields = z.record(z.string(), z.unknown());

/** Arguments that need no comment in the description: they are converted, or would not change the image. */
const WITHOUT_NOTE = new Set(
  (
    "name tag config contents copyToRoot fromImage maxLayers created architecture arch includeNixDB initializeNixDatabase layers deps " +
    "compressor meta passthru diskSize buildVMMemorySize keepContentsDirlinks debug os sha256 hash drv perms enableFakechroot"
  ).split(" "),
);
/** Arguments that are shell commands. */
const COMMANDS = ["runAsRoot", "extraCommands", "fakeRootCommands"];
/** Advice for arguments that have no setting. */
const ADVICE: Record<string, string> = {
  uid: "the owner of files is `owner` in files and permissions",
  gid: "the owner of files is `owner` in files and permissions",
  nixUid: "the owner of the store is `user` in nix",
  nixGid: "the owner of the store is `user` in nix",
  mtime: "imgc sets the time of files to one second past the epoch",
  includeStorePaths: "store paths that the image names are always in the image",
  command: "the command is `cmd` in config",
  run: "the command is `cmd` in config",
  homeDirectory: "the home folder is `home` of a user",
};
/** Names of Docker's registry in nix2container. */
const DOCKER_HUB = new Set(["registry.hub.docker.com", "registry-1.docker.io", "index.docker.io"]);

/** The default dates of dockerTools and nix2container, in whose place imgc has its own default. */
const DEFAULT_DATES = new Set(["1970-01-01T00:00:01Z", "0001-01-01T00:00:00Z"]);

interface Binding {
  code: string;
  notes: string[];
}

class Importer {
  readonly images: ImportedImage[] = [];
  readonly lets = new Map<string, Binding>();
  readonly notes: string[] = [];
  readonly #folder: string;
  readonly #names = new Map<string, string>();

  /** `folder`: the folder of the description. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Adds an image and the images that it is based on; returns the image's name. */
  add(call: Call): string {
    const id = JSON.stringify(call);
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const given = fields(call.arguments);
    if (call.function === "mergeImages") {
      const names = items(call.arguments).flatMap((each) => this.#addMarker(each));
      this.notes.push(`mergeImages: ${exportCommand(names, "docker-archive")} writes one archive.`);
      return "";
    }
    if (call.function === "exportImage") {
      const names = this.#addMarker(given["fromImage"]);
      this.notes.push(`exportImage: ${exportCommand(names, "tar")} writes the file system.`);
      return "";
    }
    const name = text(given["name"]) ?? "image";
    this.#names.set(id, name);
    const draft = new ImageDraft(name);
    this.#fill(draft, call.function, given);
    this.images.push(draft.finish());
    return name;
  }

  #addMarker(value: unknown): string[] {
    const marker = markerOf(value);
    return marker?.kind === "image" ? [this.add(marker)] : [];
  }

  #fill(draft: ImageDraft, made: string, given: Arguments): void {
    draft.tag = text(given["tag"]);
    this.#base(draft, given["fromImage"]);
    const architecture = text(given["architecture"]) ?? text(given["arch"]);
    const found = architecture === undefined ? undefined : findPlatform(`linux/${architecture}`);
    if (found !== undefined && "platform" in found) draft.platforms.push(platformText(found.platform));
    for (const part of [...items(given["contents"]), ...items(given["copyToRoot"])]) this.#content(draft, part);
    const shell = items(given["drv"]).map((part) => this.#item(part));
    for (const layer of items(given["layers"])) this.#layer(draft, layer);
    for (const rule of items(given["perms"])) permission(draft, rule);
    const created = text(given["created"]);
    if (created === "now") draft.created = "now";
    else if (created !== undefined && !DEFAULT_DATES.has(created)) draft.created = writeString(created);
    const budget = z.safeParse(z.number(), given["maxLayers"]).data;
    if (budget !== undefined && budget > 1) draft.maxLayers = budget;
    if (made.endsWith("WithNixDb") || given["includeNixDB"] === true || given["initializeNixDatabase"] === true)
      draft.nix = [];
    if (shell.length > 0) draft.nix = [{ text: `shell [ ${shell.join(" ")} ]` }];
    this.#config(draft, given["config"]);
    for (const name of COMMANDS) {
      const script = this.#plain(text(given[name]) ?? "").replace(/^\s*#!.*/, "");
      if (script.trim() !== "") importScript(script.trim(), { name, instruction: "", startsAtRoot: true }, draft);
    }
    this.#rest(draft, "", given, WITHOUT_NOTE);
  }

  /** Adds a comment about the arguments that have no setting. `whose`: the function, before the argument's name. */
  #rest(draft: ImageDraft, whose: string, given: Arguments, needless: ReadonlySet<string>): void {
    for (const [name, value] of Object.entries(given)) {
      if (needless.has(name) || COMMANDS.includes(name) || value === null) continue;
      const advice = ADVICE[name] === undefined ? "" : `: ${ADVICE[name]}`;
      draft.note(`${whose}${name} = ${this.#shown(value)} has no setting${advice}`);
    }
  }

  #base(draft: ImageDraft, from: unknown): void {
    if (from === undefined || from === null || from === "") return;
    const marker = markerOf(from);
    if (marker?.kind === "path") {
      draft.base = `archive ${this.#path(marker.path)}`;
      return;
    }
    if (marker?.kind !== "image") {
      draft.note(
        `fromImage ${this.#plain(text(from) ?? "")}: name it with base archive ./…, base layout ./… or base nix ''…''`,
      );
      return;
    }
    if (!marker.function.startsWith("pullImage")) {
      draft.base = `image ${writeString(this.add(marker))}`;
      return;
    }
    const given = fields(marker.arguments);
    const host = text(given["registryUrl"]);
    const name = withHost(
      text(given["imageName"]) ?? "",
      host === undefined || DOCKER_HUB.has(host) ? undefined : host,
    );
    const digest = text(given["imageDigest"]);
    const end = digest === undefined ? `:${text(given["imageTag"]) ?? "latest"}` : `@${digest}`;
    draft.base = `registry ${writeString(name + end)}`;
    if (given["imageManifest"] !== undefined)
      draft.note("fromImage: imgc.lock replaces imageManifest; run `imgc lock`");
    if (given["tlsVerify"] === false)
      draft.note(
        "fromImage: tlsVerify = false has no setting; without TLS, imgc fetches bases only from registries on this machine",
      );
  }

  #content(draft: ImageDraft, part: unknown): void {
    const marker = markerOf(part);
    switch (marker?.kind) {
      case "packages":
        for (const each of marker.paths) this.#content(draft, each);
        return;
      case "provide":
        draft.provide.add(marker.what);
        return;
      case "text":
        if (marker.destination === "")
          draft.note(`contents: ${marker.name} is a file, not a folder; name its path in the image in files`);
        else
          draft.files.set(marker.destination, {
            text: `text ${this.#write(marker.text)}`,
            ...(marker.executable && { mode: "0755" }),
          });
        return;
      case "path":
        if (draft.files.has("/")) draft.note(`contents: ${marker.path} goes to / as well; put both into one folder`);
        else draft.files.set("/", { text: `copy ${this.#path(marker.path)}` });
        return;
      default:
        draft.packages.push({ text: this.#item(part) });
    }
  }

  #layer(draft: ImageDraft, layer: unknown): void {
    const marker = markerOf(layer);
    if (marker?.kind !== "layer") return;
    const { arguments: given } = marker;
    for (const inner of items(given["layers"])) this.#layer(draft, inner);
    for (const part of items(given["copyToRoot"])) this.#content(draft, part);
    for (const rule of items(given["perms"])) permission(draft, rule);
    if (given["reproducible"] === false)
      draft.note("buildLayer: reproducible = false stores the layer; imgc makes layers from the store paths each time");
    const deps = items(given["deps"]).map((part) => this.#item(part));
    const whole = items(given["copyToRoot"]).flatMap((part) => {
      const found = markerOf(part);
      return found?.kind === "package" || found?.kind === "expression" ? [this.#item(part)] : [];
    });
    const known = new Set(["layers", "copyToRoot", "deps", "perms", "reproducible"]);
    this.#rest(draft, "buildLayer: ", given, known);
    if (deps.length + whole.length === 0) return;
    draft.store.push(...deps.map((each) => ({ text: each })));
    const name = `layer-${draft.layers.length + 1}`;
    draft.layers.push({ text: `layer ${writeString(name)} [ ${[...deps, ...whole].join(" ")} ]` });
  }

  #config(draft: ImageDraft, config: unknown): void {
    for (const [given, value] of Object.entries(fields(config))) {
      const name = given.toLowerCase();
      const strings = z.safeParse(Strings, value).data;
      const only = scalar(value);
      const keys = strings ?? Object.keys(fields(value));
      if (value === null) continue;
      else if (name === "cmd" || name === "entrypoint" || name === "shell") {
        const words = strings ?? (typeof value === "string" ? [value] : []);
        draft.config.set(name, `[ ${words.map((word) => this.#write(word)).join(" ")} ]`);
        if (name === "shell") draft.isDocker = true;
      } else if (name === "env") {
        for (const entry of strings ?? []) {
          const [variable = "", set = ""] = entry.split(/=(.*)/s);
          draft.env.set(variable, { text: this.#write(set) });
        }
      } else if (name === "workingdir") draft.config.set("workdir", this.#write(only));
      else if (name === "user") draft.config.set("user", this.#write(only));
      else if (name === "stopsignal") draft.config.set("stop-signal", this.#write(only));
      else if (name === "exposedports") for (const port of keys) draft.expose.add(port);
      else if (name === "volumes") for (const volume of keys) draft.volumes.add(volume);
      else if (name === "labels")
        for (const [key, label] of Object.entries(fields(value))) draft.labels.set(key, this.#write(label));
      else if (name === "healthcheck") this.#healthcheck(draft, fields(value));
      else draft.note(`config.${given} = ${this.#shown(value)} has no setting`);
    }
  }

  /** A healthcheck as in Docker's image config: lowercase or uppercase names, times in nanoseconds. */
  #healthcheck(draft: ImageDraft, check: Arguments): void {
    draft.isDocker = true;
    for (const [given, value] of Object.entries(check)) {
      const name = {
        test: "test",
        interval: "interval",
        timeout: "timeout",
        startperiod: "start-period",
        retries: "retries",
      }[given.toLowerCase()];
      const nanoseconds = z.safeParse(z.number(), value).data ?? 0;
      if (name === undefined) draft.note(`config.Healthcheck.${given} = ${this.#shown(value)} has no setting`);
      else if (name === "test")
        draft.healthcheck.push(
          `test [ ${items(value)
            .map((word) => this.#write(word))
            .join(" ")} ]`,
        );
      else if (name === "retries") draft.healthcheck.push(`retries ${nanoseconds}`);
      else draft.healthcheck.push(`${name} ${Math.round(nanoseconds / 1e6)}ms`);
    }
  }

  /** An item of a list of packages: an attribute path, or the name of a binding. */
  #item(part: unknown): string {
    const marker = markerOf(part);
    if (marker?.kind === "package") return marker.attribute.split(".").map(attributePart).join(".");
    return `$${marker === undefined ? this.#stored(scalar(part)) : this.#bind(marker)}`;
  }

  /** Binds the store path that a marker stands for to a name; returns the name. */
  #bind(marker: Marker): string {
    let code: string;
    try {
      code = markerCode(marker, this.#paths);
    } catch (error) {
      if (!(error instanceof Unwritable)) throw error;
      return this.#unknown(nameOf(marker));
    }
    return this.#let(nameOf(marker), code, []);
  }

  readonly #paths: Paths = {
    file: (path) => this.#path(path),
    stored: (path) => {
      const name = storeName(path);
      return this.#isBeside(name) ? this.#path(join(this.#folder, name)) : missing(name);
    },
  };

  #isBeside(name: string): boolean {
    return existsSync(join(this.#folder, name));
  }

  /** Binds a store path that Nix made during the evaluation. A file beside the expression is taken from its name. */
  #stored(path: string): string {
    const name = storeName(path);
    if (!this.#isBeside(name)) return this.#unknown(name);
    return this.#let(name, this.#path(join(this.#folder, name)), [
      `${path}: taken to be ${name} beside the expression.`,
    ]);
  }

  #unknown(name: string): string {
    return this.#let(name, missing(name), [
      `The original makes ${name} with a function that imgc cannot import. Write its expression here.`,
    ]);
  }

  #let(wanted: string, code: string, notes: string[]): string {
    const known = [...this.lets].find(([, old]) => old.code === code)?.[0];
    if (known !== undefined) return known;
    const stem = wanted.replaceAll(/[^\w-]+/g, "-").replace(/^[^A-Za-z_]+/, "") || "value";
    let name = stem;
    for (let i = 2; this.lets.has(name); i++) name = `${stem}-${i}`;
    this.lets.set(name, { code, notes });
    return name;
  }

  /** A string of the language, with interpolations. */
  #write(value: unknown): string {
    const pieces = piecesOf(scalar(value)).map((piece) => {
      if (typeof piece !== "string")
        return `\${${piece.kind === "package" ? piece.attribute.split(".").map(attributePart).join(".") : `$${this.#bind(piece)}`}}`;
      const parts = splitAtStorePaths(piece);
      return parts
        .map((part, i) => (i % 2 === 1 ? `\${$${this.#stored(part)}}` : writeString(part).slice(1, -1)))
        .join("");
    });
    return `"${pieces.join("")}"`;
  }

  /** A text for a comment. */
  #plain(value: string): string {
    return piecesOf(value)
      .map((piece) => (typeof piece === "string" ? piece : `\${${nameOf(piece)}}`))
      .join("");
  }

  /** Any value for a comment. */
  #shown(value: unknown): string {
    return JSON.stringify(value, (_, each: unknown) => (typeof each === "string" ? this.#plain(each) : each));
  }

  #path(path: string): string {
    return writeSource(relative(this.#folder, path) || ".");
  }
}

/** `folder`: the folder of the description. */
export function importImages(calls: { name: string; image: Call }[], folder: string): ImportedSpec {
  const importer = new Importer(folder);
  for (const { image } of calls) importer.add(image);
  return {
    notes: ["Imported from a Nix expression by `imgc import`.", ...importer.notes],
    lets: [...importer.lets].map(([name, binding]) => ({ name, ...binding })),
    images: importer.images,
  };
}

function exportCommand(names: string[], format: string): string {
  const images = names.map((name) => ` --image ${name}`).join("");
  return `\`imgc export SPEC${images} --to ${format} -o FILE\``;
}

/** Code in the place of an expression that the user must write. */
function missing(name: string): string {
  return `throw "write the expression of ${name.replaceAll(/[^\w.+-]/g, "-")} here"`;
}

function storeName(path: string): string {
  return path.replace(/^\/nix\/store\/[a-z0-9]{32}-/, "");
}

/** A name for the value of a marker. */
function nameOf(marker: Marker): string {
  switch (marker.kind) {
    case "package":
      return marker.attribute;
    case "expression":
      return `${/^\w+/.exec(marker.code)?.[0] ?? "package"}-env`;
    case "path":
      return marker.path.split("/").at(-1) ?? "path";
    case "text":
    case "call":
    case "packages":
      return marker.name;
    case "provide":
      return marker.what;
    default:
      return marker.kind;
  }
}

function permission(draft: ImageDraft, rule: unknown): void {
  const Rule = z.object({
    path: z.string(),
    regex: z.string(),
    mode: z.optional(z.string()),
    uid: z.optional(z.number()),
    gid: z.optional(z.number()),
  });
  const found = z.safeParse(Rule, rule).data;
  if (found === undefined) return;
  const { regex, mode, uid, gid } = found;
  const settings = [
    ...(mode === undefined ? [] : [`mode ${writeMode(mode)}`]),
    ...(uid === undefined ? [] : [`owner ${uid}:${gid ?? uid}`]),
  ];
  const glob = regex.replace(/^\^?/, "").replace(/\$$/, "").replaceAll(".*", "**");
  // Such a rule is for all files of one package. In permissions, the glob would match those of all packages.
  if (glob === "**") {
    draft.note(`perms: ${settings.join(" ")} for all files of a package; name their paths in permissions`);
    return;
  }
  draft.permissions.push({
    notes: [`perms: the regular expression ${regex} of the paths in the image; check the glob.`],
    text: `${writeString(glob.startsWith("/") ? glob : `/${glob}`)} { ${settings.join(" ")} }`,
  });
}

/** `host`: a registry that is not Docker's. */
function withHost(name: string, host: string | undefined): string {
  if (host !== undefined) return `${host}/${name}`;
  const [first = ""] = name.split("/");
  if (name.includes("/") && (/[.:]/.test(first) || first === "localhost")) return name;
  return name.includes("/") ? `docker.io/${name}` : `docker.io/library/${name}`;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A text or a number, as text. */
function scalar(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function items(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function fields(value: unknown): Arguments {
  return z.safeParse(Fields, value).data ?? {};
}
