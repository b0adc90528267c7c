/** Converts recorded calls of dockerTools and nix2container to an image description. */
import { relative } from "node:path";
import * as z from "zod/mini";
import { findPlatform, writeString } from "../language/index.ts";
import { ImageDraft, writeMode, writeSource } from "./image-draft.ts";
import { markerOf, piecesOf, type Marker } from "./nix-records.ts";
import { platformText } from "../oci/platform.ts";
import { type ImportedImage, type ImportedSpec, type Setting } from "./spec-text.ts";

type Call = Marker & { kind: "image" };
type Arguments = Record<string, unknown>;

const Strings = z.array(z.string());

/** Arguments that need no comment in the description: they are converted, or would not change the image. */
const NEEDLESS = new Set(
  (
    "name tag config contents copyToRoot fromImage maxLayers created mtime architecture arch includeNixDB initializeNixDatabase layers deps " +
    "compressor meta passthru diskSize buildVMMemorySize keepContentsDirlinks includeStorePaths debug reproducible finalImageName " +
    "finalImageTag os sha256 hash imageName imageDigest imageTag drv perms metadata ignore enableFakechroot"
  ).split(" "),
);
/** Arguments that are shell commands. */
const COMMANDS = ["runAsRoot", "extraCommands", "fakeRootCommands"];

class Importer {
  readonly images: ImportedImage[] = [];
  readonly lets = new Map<string, string>();
  readonly #folder: string;
  readonly #names = new Map<string, string>();

  /** `folder`: the folder of the description. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Adds an image and the images that it is based on; returns the image's name. */
  add(call: Call): string {
    const { arguments: given } = call;
    const id = JSON.stringify(call);
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const name = text(given["name"]) ?? "image";
    this.#names.set(id, name);
    const draft = new ImageDraft(name);
    this.#fill(draft, call);
    this.images.push(draft.finish());
    return name;
  }

  #fill(draft: ImageDraft, { function: made, arguments: given }: Call): void {
    draft.tag = text(given["tag"]);
    this.#base(draft, given["fromImage"]);
    const architecture = text(given["architecture"]) ?? text(given["arch"]);
    const found = architecture === undefined ? undefined : findPlatform(`linux/${architecture}`);
    if (found !== undefined && "platform" in found) draft.platforms.push(platformText(found.platform));
    for (const part of [...items(given["contents"]), ...items(given["copyToRoot"])]) this.#content(draft, part);
    for (const part of items(given["drv"])) draft.note(`${made}: shell ${this.#write(part)}: nix { shell [ … ] }`);
    for (const layer of items(given["layers"])) this.#layer(draft, layer);
    for (const rule of items(given["perms"])) permission(draft, rule);
    if (given["created"] === "now") draft.created = "now";
    const budget = z.safeParse(z.number(), given["maxLayers"]).data;
    if (budget !== undefined && budget > 1) draft.maxLayers = budget;
    if (made.endsWith("WithNixDb") || given["includeNixDB"] === true || given["initializeNixDatabase"] === true)
      draft.hasNix = true;
    this.#config(draft, given["config"]);
    for (const name of COMMANDS) {
      const script = text(given[name]);
      if (script === undefined || script.trim() === "") continue;
      draft.note(
        `${name}:\n${this.#plain(script)}`,
        "imgc runs no commands in images: make the result with a derivation, and copy it (examples/build-steps.imgspec);",
        "modes and owners are settings of permissions and files.",
      );
    }
    if (JSON.stringify(given["config"] ?? null).includes("/nix/store/"))
      draft.note(
        "config names a store path of a file beside the expression: copy the file in files, and name its path in the image.",
      );
    const rest = Object.keys(given).filter((name) => !NEEDLESS.has(name) && !COMMANDS.includes(name));
    if (rest.length > 0) draft.note(`arguments without a setting: ${rest.join(", ")}`);
  }

  #base(draft: ImageDraft, from: unknown): void {
    if (from === undefined || from === null || from === "") return;
    const marker = markerOf(from);
    if (marker?.kind !== "image") {
      const path = marker?.kind === "path" ? marker.path : undefined;
      if (path === undefined)
        draft.note(
          `fromImage ${this.#plain(text(from) ?? "")}: name it with base archive ./…, base layout ./… or base nix ''…''`,
        );
      else draft.base = `archive ${this.#path(path)}`;
      return;
    }
    const { arguments: given, function: made } = marker;
    const digest = text(given["imageDigest"]);
    const pulled = text(given["imageName"]);
    if (made.startsWith("pullImage") && pulled !== undefined && digest !== undefined)
      draft.base = `registry ${writeString(`${withHost(pulled)}@${digest}`)}`;
    else if (made.startsWith("pullImage")) draft.note('fromImage: base registry "…" names an image in a registry');
    else draft.base = `image ${writeString(this.add(marker))}`;
  }

  #content(draft: ImageDraft, part: unknown): void {
    const marker = markerOf(part);
    switch (marker?.kind) {
      case "package":
      case "expression":
        draft.packages.push({ text: this.#reference(marker) });
        return;
      case "packages":
        for (const each of marker.paths) this.#content(draft, each);
        return;
      case "provide":
        draft.provide.add(marker.what);
        return;
      case "text":
        draft.files.set(marker.destination === "" ? "/text" : marker.destination, {
          text: `text ${this.#write(marker.text)}`,
          ...(marker.executable && { mode: "0755" }),
        });
        return;
      case "path":
        draft.files.set("/", { text: `copy ${this.#path(marker.path)}` });
        return;
      case "made":
        draft.note(`contents: ${marker.name} is made by the expression; give its code as packages [ nix ''…'' ]`);
        return;
      default:
        draft.note(`contents: ${this.#plain(String(part))} is not known to imgc`);
    }
  }

  #layer(draft: ImageDraft, layer: unknown): void {
    const marker = markerOf(layer);
    if (marker?.kind !== "layer") return;
    const { arguments: given } = marker;
    for (const part of items(given["copyToRoot"])) this.#content(draft, part);
    for (const rule of items(given["perms"])) permission(draft, rule);
    const packages = items(given["deps"]).flatMap((part) => {
      const found = markerOf(part);
      return found?.kind === "package" || found?.kind === "expression" ? [this.#reference(found)] : [];
    });
    if (packages.length === 0) return;
    draft.store.push(...packages.map((each) => ({ text: each })));
    draft.layers.push({ text: `layer ${writeString(`layer-${draft.layers.length + 1}`)} [ ${packages.join(" ")} ]` });
    for (const inner of items(given["layers"])) this.#layer(draft, inner);
  }

  #config(draft: ImageDraft, config: unknown): void {
    if (typeof config !== "object" || config === null) return;
    for (const [written, value] of Object.entries(config as Arguments)) {
      const name = written.toLowerCase();
      const strings = z.safeParse(Strings, value).data;
      const keys =
        typeof value === "object" && value !== null
          ? Array.isArray(value)
            ? value.map(String)
            : Object.keys(value)
          : [];
      if (name === "cmd" || name === "entrypoint" || name === "shell") {
        const words = strings ?? (typeof value === "string" ? [value] : undefined);
        if (words !== undefined) draft.config.set(name, `[ ${words.map((word) => this.#write(word)).join(" ")} ]`);
      } else if (name === "env") {
        for (const entry of strings ?? []) {
          const [variable = "", set = ""] = entry.split(/=(.*)/s);
          draft.env.set(variable, { text: this.#write(set) });
        }
      } else if (name === "workingdir") draft.config.set("workdir", this.#write(String(value)));
      else if (name === "user") draft.config.set("user", this.#write(String(value)));
      else if (name === "stopsignal") draft.config.set("stop-signal", this.#write(String(value)));
      else if (name === "exposedports") for (const port of keys) draft.expose.add(port);
      else if (name === "volumes") for (const volume of keys) draft.volumes.add(volume);
      else if (name === "labels")
        for (const [key, label] of Object.entries(value as Arguments))
          draft.labels.set(key, this.#plain(String(label)));
      else if (value !== null) draft.note(`config.${written} = ${JSON.stringify(value)} has no counterpart here`);
    }
  }

  /** A package or the name of a binding, as an item of a list. */
  #reference(marker: Marker & { kind: "package" | "expression" }): string {
    if (marker.kind === "package") return marker.attribute.split(".").map(attributePart).join(".");
    const code = piecesOf(marker.code)
      .map((piece) => (typeof piece === "string" ? piece : piece.kind === "package" ? piece.attribute : "…"))
      .join("");
    const known = [...this.lets].find(([, old]) => old === code)?.[0];
    const stem = code.match(/^\w+/)?.[0] ?? "package";
    if (known !== undefined) return `$${known}`;
    let name = `${stem}-env`;
    for (let i = 2; this.lets.has(name); i++) name = `${stem}-env-${i}`;
    this.lets.set(name, code);
    return `$${name}`;
  }

  /** A string of the language, with interpolations. */
  #write(value: unknown): string {
    const pieces = piecesOf(String(value)).map((piece) => {
      if (typeof piece === "string") return writeString(piece).slice(1, -1);
      if (piece.kind === "package" || piece.kind === "expression") return `\${${this.#reference(piece)}}`;
      return writeString(describe(piece)).slice(1, -1);
    });
    return `"${pieces.join("")}"`;
  }

  /** A text for a comment or a label. */
  #plain(value: string): string {
    return piecesOf(value)
      .map((piece) => (typeof piece === "string" ? piece : `\${${describe(piece)}}`))
      .join("");
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
    notes: ["Imported from a Nix expression by `imgc import`."],
    lets: [...importer.lets].map(([name, code]) => ({ name, code })),
    images: importer.images,
  };
}

function describe(marker: Marker): string {
  switch (marker.kind) {
    case "package":
      return marker.attribute;
    case "expression":
      return marker.code;
    case "path":
      return marker.path;
    case "made":
      return marker.name;
    case "text":
      return marker.destination;
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
  const note = { notes: [`perms: the regular expression ${regex} of the paths in the image; check the glob.`] };
  draft.permissions.push({
    ...note,
    text: `${writeString(glob.startsWith("/") ? glob : `/${glob}`)} { ${settings.join(" ")} }`,
  } satisfies Setting);
}

function attributePart(part: string): string {
  return /^[A-Za-z_][\w'-]*$/.test(part) ? part : writeString(part);
}

function withHost(name: string): string {
  const [first = ""] = name.split("/");
  if (name.includes("/") && (/[.:]/.test(first) || first === "localhost")) return name;
  return name.includes("/") ? `docker.io/${name}` : `docker.io/library/${name}`;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function items(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
