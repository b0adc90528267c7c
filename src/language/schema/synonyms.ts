/**
 * The names that Docker, Compose, Kubernetes, dockerTools, nix2container and apko have for our settings. Upper and lower
 * case, `-` and `_` make no difference. The names of our own settings need no row: they are found in other blocks, too.
 */
import { settingsByName } from "../types/setting.ts";
import type { Inside, Setting, Settings, Synonym, Type } from "../types/type.ts";
import { fileSettings } from "./file.ts";

/** By place: the names of the setting and of the blocks around it, from the file. `*`: any block with the setting. */
const SYNONYMS: Readonly<Record<string, string>> = {
  import: "include imports includes",
  param: "arg argument parameter input variable",
  let: "var const define",
  nixpkgs: "pkgs packageSet",
  image: "images container buildImage buildLayeredImage streamLayeredImage streamImage",
  "nixpkgs allow-unfree": "allowUnfree allowUnfreePredicate unfree",
  "nixpkgs allow-insecure": "permittedInsecurePackages allowInsecurePredicate insecure",
  "nixpkgs overlays": "overlay",
  "image packages": "contents copyToRoot paths deps dependencies install rootPaths package",
  "image base": "from fromImage baseImage parent",
  "image tag": "version imageTag",
  "image platforms": "architecture architectures arch archs platform os system",
  "image store": "storePaths storeContents",
  "image files": "copy add extraFiles paths mkdir directories copyFiles",
  "image users": "accounts passwd useradd adduser",
  "image groups": "groupadd addgroup",
  "image permissions": "perms chmod chown",
  "image author": "maintainer maintainers authors",
  "image annotations": "annotation",
  "image created": "creationDate timestamp",
  "image compression": "compressor compressionAlgorithm",
  "image manifest": "manifestFormat mediaType",
  "image output": "outputFormat outputs",
  "image expect": "tests checks structureTests assertions",
  "image layers": "layered layering layeringPipeline",
  "image layers max": "maxLayers",
  "image config": "containerConfig",
  "image config entrypoint": "command",
  "image config cmd": "args command",
  "image config env": "environment environmentVariables variables envs",
  "image config user": "runAsUser runAs securityContext uid",
  "image config workdir": "workingDir workingDirectory workDirectory cwd",
  "image config expose": "exposedPorts ports port containerPort",
  "image config volumes": "volume volumeMounts mounts",
  "image config labels": "label",
  "image config stop-signal": "stopSignal",
  "image config healthcheck": "livenessProbe readinessProbe startupProbe probe",
  "image config healthcheck test": "exec command cmd check",
  "image config healthcheck interval": "periodSeconds period",
  "image config healthcheck timeout": "timeoutSeconds",
  "image config healthcheck start-period": "initialDelaySeconds initialDelay startInterval",
  "image config healthcheck retries": "failureThreshold",
  "image nix": "initializeNixDatabase includeNixDB nixDatabase",
  "image nix user": "nixUid nixGid nixUser",
  "image nix shell": "inputsFrom",
  "image expect absent": "forbidden disallowed",
  "image expect present": "required",
  "image expect size": "maxSize",
  "* mode": "perm permissions fileMode chmod",
  "* owner": "chown user uid gid uname gname",
  "* exclude": "ignore ignores dockerignore",
  "* capabilities": "caps capability setcap",
  "* home": "homeDir homeDirectory",
  "* shell": "loginShell",
  "* groups": "extraGroups",
};

/** By advice: names for which imgspec has no single setting. */
export const ADVICE: Readonly<Record<string, string>> = {
  "run the commands in a derivation, and copy its result with `files { \"/PATH\" copy nix ''…'' }`":
    "run runAsRoot extraCommands fakeRootCommands build script postBuild",
  'write the name after `image`, as in `image "NAME" { … }`': "name imageName repository",
  "that belongs to the container, not to the image; leave it out":
    "restart restartPolicy dependsOn networks network hostname replicas resources privileged imagePullPolicy memory cpus links " +
    "capAdd capDrop envFile secrets logging deploy runAsNonRoot runAsGroup allowPrivilegeEscalation readOnlyRootFilesystem",
  "imgc does not need it; leave it out":
    "diskSize buildVMMemorySize enableFakechroot includeStorePaths keepContentsDirlinks debug onbuild repositories keyring",
  "write `reproducible` in `expect`": "reproducible",
};

interface Row {
  place: readonly string[];
  names: readonly string[];
}

export const ROWS: readonly Row[] = Object.entries(SYNONYMS).map(([place, names]) => ({
  place: place.split(" "),
  names: names.split(" "),
}));

interface Index {
  /** The places of the blocks that have a table. */
  tables: Map<Settings, string[]>;
  /** The places of the blocks around settings, for tables that have a part of these settings. */
  owners: Map<Setting<unknown>, string[]>;
  /** The places of settings, by normalized name: first those of our own names, then those of other tools. */
  places: Map<string, (readonly string[])[]>;
}

let index: Index | undefined;

/** The settings in the place of a name that is unknown in a block of `settings`, the likeliest first. */
export function synonymsIn(settings: Settings, name: string): Synonym[] {
  index ??= makeIndex();
  const { tables, owners, places } = index;
  const [first] = Object.values(settings);
  const around = tables.get(settings) ?? (first && owners.get(first));
  const found: Synonym[] = [];
  const outer: Synonym[] = [];
  for (const place of places.get(normalized(name)) ?? []) {
    const inside = place[0] === "*" ? place.slice(1) : insidePlace(place, around);
    const setting = inside === undefined ? undefined : settingAt(settings, inside);
    if (inside !== undefined && setting !== undefined)
      found.push({ kind: "setting", path: inside, isOuter: false, setting });
    else if (place[0] === "image" && around?.[0] === "image" && around.length > 1) {
      const at = settingAt(fileSettings, place);
      if (at !== undefined) outer.push({ kind: "setting", path: place.slice(1), isOuter: true, setting: at });
    }
  }
  const advice = adviceFor(name);
  // `RUN` does not mean `run` in `expect`.
  const isHere = found.some((each) => each.kind === "setting" && each.path.length === 1);
  if (advice !== undefined && !isHere) return [{ kind: "advice", advice }];
  return nearest(found.length > 0 ? found : outer);
}

function adviceFor(name: string): string | undefined {
  const isName = (each: string): boolean => normalized(each) === normalized(name);
  return Object.entries(ADVICE).find(([, names]) => names.split(" ").some(isName))?.[0];
}

/** The settings with the shortest path. `USER` means `user` in `config`, not the one in `nix`. */
function nearest(all: Synonym[]): Synonym[] {
  const length = (each: Synonym): number => (each.kind === "setting" ? each.path.length : 0);
  const shortest = Math.min(...all.map(length));
  const short = all.filter((each) => length(each) === shortest);
  const inConfig = short.filter((each) => each.kind === "setting" && each.path[0] === "config");
  // In a file, `config` means the one of an image, not the one of `nixpkgs`.
  const inImage = short.filter((each) => each.kind === "setting" && each.path[0] === "image");
  return [inConfig, inImage, short].find((some) => some.length > 0) ?? [];
}

/** The rest of a place inside a block; undefined if it is outside of the block. */
function insidePlace(place: readonly string[], around: readonly string[] | undefined): readonly string[] | undefined {
  if (around === undefined || place.length <= around.length) return undefined;
  return around.every((name, i) => place[i] === name) ? place.slice(around.length) : undefined;
}

/** The setting at a path of names, from a table. */
export function settingAt(settings: Settings, path: readonly string[]): Settings[string] | undefined {
  const [first = "", ...rest] = path;
  const found = settingsByName(settings).get(first)?.[1];
  if (rest.length === 0 || found === undefined) return found;
  const inside = found.type.inside;
  return inside?.kind === "settings" ? settingAt(inside.settings(), rest) : undefined;
}

function makeIndex(): Index {
  const tables = new Map<Settings, string[]>();
  const owners = new Map<Setting<unknown>, string[]>();
  const places = new Map<string, (readonly string[])[]>();
  const add = (name: string, place: readonly string[]): void => {
    const all = places.get(normalized(name));
    if (all === undefined) places.set(normalized(name), [place]);
    else if (!all.some((each) => each.join(" ") === place.join(" "))) all.push(place);
  };
  const walk = (settings: Settings, around: string[]): void => {
    if (tables.has(settings)) return;
    tables.set(settings, around);
    for (const [name, [, setting]] of settingsByName(settings)) {
      const { type } = setting;
      if (!owners.has(setting)) owners.set(setting, around);
      add(name, [...around, name]);
      for (const inside of insides(type)) walk(inside, [...around, name]);
    }
  };
  walk(fileSettings, []);
  for (const { place, names } of ROWS) for (const name of names) add(name, place);
  return { tables, owners, places };
}

/** The tables of the blocks that a value may have. */
function insides(type: Type<unknown>): Settings[] {
  const tables = (inside: Inside | undefined): Settings[] => {
    if (inside === undefined) return [];
    return inside.kind === "settings" ? [inside.settings()] : insides(inside.value);
  };
  return [...tables(type.inside), ...Object.values(type.cases ?? {}).flatMap((each) => insides(each))];
}

export function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}
