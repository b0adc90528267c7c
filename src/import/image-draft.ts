/** Collects the settings of an imported image, in the order in which a description has them. */
import { writePath, writeString } from "../language/index.ts";
import { writeList, type ImportedImage, type Setting } from "./spec-text.ts";

export interface FileDraft {
  /** The entry without its path: `copy ./src`, `text "hi\n"`. */
  text: string;
  mode?: string;
  owner?: string;
  /** More options of the entry, such as `exclude [ "*.log" ]`. */
  options?: string[];
  notes?: string[];
}

export interface UserDraft {
  uid: number;
  gid: number;
  home?: string | undefined;
  shell?: string | undefined;
  groups?: string[];
  notes?: string[];
}

export class ImageDraft {
  readonly name: string;
  tag: string | undefined;
  /** The base in the syntax of the language: `registry "docker.io/library/debian:12"`. */
  base: string | undefined;
  readonly platforms: string[] = [];
  readonly packages: Setting[] = [];
  readonly store: Setting[] = [];
  readonly provide = new Set<string>();
  readonly files = new Map<string, FileDraft>();
  readonly users = new Map<string, UserDraft>();
  readonly groups = new Map<string, { gid: number }>();
  readonly permissions: Setting[] = [];
  readonly env = new Map<string, { text: string; notes?: string[] }>();
  /** Values in the syntax of the language, as those of `env`. */
  readonly labels = new Map<string, string>();
  readonly annotations = new Map<string, string>();
  /** Settings of `config` in the syntax of the language, by name: `entrypoint` to `[ "/bin/sh" ]`. */
  readonly config = new Map<string, string>();
  readonly expose = new Set<string>();
  readonly volumes = new Set<string>();
  healthcheck: string[] = [];
  author: string | undefined;
  created: string | undefined;
  maxLayers: number | undefined;
  /** Steps of `layers`. */
  readonly layers: Setting[] = [];
  /** Settings of `nix`; undefined if the image has no Nix database. */
  nix: Setting[] | undefined;
  isDocker = false;
  readonly #notes: Setting[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Adds a comment about a part of the original file that imgc has no setting for. */
  note(...lines: string[]): void {
    this.#notes.push({ notes: lines });
  }

  finish(): ImportedImage {
    const block = (text: string, settings: Setting[]): Setting[] => (settings.length === 0 ? [] : [{ text, settings }]);
    const line = (name: string, value: string | undefined): Setting[] =>
      value === undefined ? [] : [{ text: `${name} ${value}` }];
    const quoted = (value: string | undefined) => (value === undefined ? undefined : writeString(value));
    return {
      name: this.name,
      settings: [
        ...this.#notes,
        ...line("tag", quoted(this.tag)),
        ...line("base", this.base),
        ...line("platforms", this.platforms.length === 0 ? undefined : `[ ${this.platforms.join(" ")} ]`),
        ...listed("packages", this.packages),
        ...listed("store", this.store),
        ...line("provide", this.provide.size === 0 ? undefined : `[ ${[...this.provide].join(" ")} ]`),
        ...block("files", [...this.files].map(fileSetting)),
        ...block("users", [...this.users].map(userSetting)),
        ...block(
          "groups",
          [...this.groups].map(([name, { gid }]) => ({ text: `${key(name)} { gid ${gid} }` })),
        ),
        ...block("permissions", this.permissions),
        ...block("config", this.#config()),
        ...block("annotations", pairs(this.annotations)),
        ...line("author", quoted(this.author)),
        ...line("created", this.created),
        ...block("layers", this.#layers()),
        ...(this.nix === undefined ? [] : [{ text: "nix", settings: this.nix }]),
        ...line("manifest", this.isDocker ? "docker" : undefined),
      ],
    };
  }

  #layers(): Setting[] {
    const max = this.maxLayers === undefined ? [] : [{ text: `max ${this.maxLayers}` }];
    return [...max, ...this.layers, ...(this.layers.length === 0 ? [] : [{ text: "auto" }])];
  }

  #config(): Setting[] {
    const env = [...this.env].map(([name, { text, notes }]) => ({
      text: `${key(name)} ${text}`,
      ...(notes && { notes }),
    }));
    const one = (name: string): Setting[] => {
      const text = this.config.get(name);
      return text === undefined ? [] : [{ text: `${name} ${text}` }];
    };
    return [
      ...one("entrypoint"),
      ...one("cmd"),
      ...(env.length === 0 ? [] : [{ text: "env", settings: env }]),
      ...one("user"),
      ...one("workdir"),
      ...(this.expose.size === 0 ? [] : [{ text: `expose [ ${[...this.expose].join(" ")} ]` }]),
      ...(this.volumes.size === 0 ? [] : [{ text: `volumes ${writeList([...this.volumes])}` }]),
      ...(this.labels.size === 0 ? [] : [{ text: "labels", settings: written(this.labels) }]),
      ...one("stop-signal"),
      ...(this.healthcheck.length === 0 ? [] : [{ text: `healthcheck { ${this.healthcheck.join(" ")} }` }]),
      ...one("shell"),
    ];
  }
}

/** A list whose items may have comments. */
function listed(name: string, items: Setting[]): Setting[] {
  if (items.length === 0) return [];
  return [
    {
      notes: items.flatMap(({ notes = [] }) => notes),
      text: `${name} [ ${items.map(({ text }) => text ?? "").join(" ")} ]`,
    },
  ];
}

function fileSetting([path, { text, mode, owner, options = [], notes = [] }]: [string, FileDraft]): Setting {
  const all = [
    ...(mode === undefined ? [] : [`mode ${mode}`]),
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...options,
  ];
  return { notes, text: `${writeString(path)} ${text}${all.length === 0 ? "" : ` { ${all.join(" ")} }`}` };
}

function userSetting([name, { uid, gid, home, shell, groups = [], notes = [] }]: [string, UserDraft]): Setting {
  const parts = [
    `uid ${uid}`,
    `gid ${gid}`,
    ...(home === undefined ? [] : [`home ${writeString(home)}`]),
    ...(shell === undefined ? [] : [`shell ${writeString(shell)}`]),
    ...(groups.length === 0 ? [] : [`groups ${writeList(groups)}`]),
  ];
  return { notes, text: `${key(name)} { ${parts.join(" ")} }` };
}

function pairs(map: ReadonlyMap<string, string>): Setting[] {
  return [...map].map(([name, value]) => ({ text: `${key(name)} ${writeString(value)}` }));
}

function written(map: ReadonlyMap<string, string>): Setting[] {
  return [...map].map(([name, value]) => ({ text: `${key(name)} ${value}` }));
}

/** A name in a block, in quotes unless it is an identifier. */
function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : writeString(name);
}

/** An owner: ids as numbers, names in quotes. */
export function writeOwner(owner: string): string {
  return /^\d+(?::\d+)?$/.test(owner) ? owner : writeString(owner);
}

/** A mode as the language writes it: octal digits after a zero. */
export function writeMode(digits: string): string {
  return digits.replace(/^0*/, "0").padStart(4, "0");
}

/** Writes a path on this machine, relative to the description's folder unless it is absolute. */
export function writeSource(path: string): string {
  const from = /^(?:\/|\.{1,2}(?:\/|$))/.test(path) ? path : `./${path}`;
  return writePath(from === "." || from === ".." ? `${from}/.` : from);
}
