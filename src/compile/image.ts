/** Lowers one image of a spec to a call of `imgc.image`. Leaves out settings that have their default value. */
import type { CopySource } from "../language/types/path.ts";
import type { Compression } from "../language/schema/compression.ts";
import type { EnvSpec } from "../language/schema/env.ts";
import { LAYERS } from "../language/schema/layers.ts";
import type { Amount, Bound, ImageSpec, Owner, Package, Step, Text } from "../language/schema/spec.ts";
import type { Lock } from "../lock/lock-file.ts";
import type { LockedImage } from "../lock/locked-image.ts";
import type { CopyRules } from "../ignore/copied.ts";
import { userCode } from "./nix-paths.ts";
import { relocate } from "./relocate.ts";
import { call, integer, list, name, select, set, string, type Nix } from "./nix-syntax.ts";
import { platformText } from "../oci/platform.ts";
import { entryOf } from "../lock/pins.ts";

/** Places a file or folder beside the expression, filtered by `rules`; returns the expression that refers to the copy. */
export type PlaceCopy = (path: string, rules: CopyRules | undefined) => Nix;

export interface ImageContext {
  /** The expression that refers to another image of the file, by name. */
  attribute: (image: string) => Nix;
  /** The names of the images that have more than one platform. */
  several: Set<string>;
  lock: Lock;
  /** Whether imgc evaluates the expression itself. */
  isTraced: boolean;
  placeCopy: PlaceCopy | undefined;
}

/** An image with `platforms` becomes a function of the package set, which `imgc.platforms` applies per platform. */
export function imageNix(image: ImageSpec, context: ImageContext): Nix {
  if (image.platforms.length === 0) return singleImageNix(image, context);
  const names = list(image.platforms.map((platform) => string(platformText(platform))));
  const parameters = [{ name: "pkgs" }, { name: "imgc" }];
  const make: Nix = { kind: "function", parameters, body: singleImageNix(image, context) };
  return call(call(select(name("imgc"), "platforms"), names), make);
}

function singleImageNix(image: ImageSpec, context: ImageContext): Nix {
  const { config, expect } = image;
  return call(
    select(name("imgc"), "image"),
    set({
      name: string(image.name),
      tag: optional(image.tag, text),
      base: baseNix(image.base, context),
      packages: many(image.packages, packageNix),
      store: many(image.store, packageNix),
      provide: many(image.provide, string),
      files: filesNix(image.files, context),
      users: record(Object.fromEntries(image.users.map(({ name: user, ...rest }) => [user, userNix(rest)]))),
      groups: record(Object.fromEntries(image.groups.map(({ name: group, ...rest }) => [group, groupNix(rest)]))),
      permissions: record(Object.fromEntries(image.permissions.map(({ glob, ...rest }) => [glob, set(rules(rest))]))),
      config: record({
        entrypoint: optional(config.entrypoint, texts),
        cmd: optional(config.cmd, texts),
        env: record(mapValues(config.env, variableNix)),
        user: optional(config.user, text),
        workdir: optional(config.workdir, text),
        expose: many(config.expose.flatMap(ports), string),
        volumes: many(config.volumes, string),
        labels: record(mapValues(config.labels, text)),
        stopSignal: optional(config.stopSignal, text),
        healthcheck: optional(config.healthcheck, healthcheckNix),
        shell: optional(config.shell, texts),
      }),
      annotations: record(mapValues(image.annotations, text)),
      author: optional(image.author, text),
      created: optional(image.created, string),
      nix: optional(image.nix, insideNix),
      layers: layersNix(image.layers, lockNix(image.name, context)),
      reuse: image.cache.reuse === "layer" ? undefined : string(image.cache.reuse),
      keepBlobs: flag(image.cache.blobs),
      output: image.output === "raw" ? undefined : string(image.output),
      manifest: image.manifest === "oci" ? undefined : string(image.manifest),
      compression: compressionNix(image),
      expect: record({
        size: many(expect.size, bound),
        layers: many(expect.layers, bound),
        layerSize: many(expect.layerSize, bound),
        absent: many(expect.absent, packageNix),
        present: many(expect.present, packageNix),
        noSetuid: flag(expect.noSetuid),
        noWorldWritable: flag(expect.noWorldWritable),
        reproducible: flag(expect.reproducible),
        licenses: many(expect.licenses, string),
        noLicenses: many(expect.noLicenses, string),
        run: many(expect.run, ({ command, exit, stdout }) =>
          set({
            command: texts(command),
            exit: exit === 0 ? undefined : integer(exit),
            stdout: optional(stdout, text),
          }),
        ),
      }),
    }),
  );
}

/** A registry base becomes the digests that the lock file pins. */
function baseNix(base: ImageSpec["base"], context: ImageContext): Nix | undefined {
  const { attribute, several, lock } = context;
  switch (base.kind) {
    case "scratch":
      return undefined;
    case "image":
      return several.has(base.name)
        ? call(select(name("imgc"), "base", "image"), attribute(base.name))
        : attribute(base.name);
    case "registry": {
      const { reference } = base;
      const platforms = Object.entries(entryOf(lock.bases, reference)?.platforms ?? {}).map(
        ([platform, { manifest, config, layers }]): [string, Nix] => [
          platform,
          set({ manifest: string(manifest), config: string(config), layers: list(layers.map((each) => string(each))) }),
        ],
      );
      const pinned = set({ reference: string(reference), platforms: set(Object.fromEntries(platforms)) });
      return call(select(name("imgc"), "base", "registry"), pinned);
    }
    case "archive":
    case "layout":
      return call(select(name("imgc"), "base", base.kind), pathNix(base.path, context));
    case "nix":
      return call(select(name("imgc"), "base", "nix"), userCode(base.expression, "pkgs"));
  }
}

function packageNix(value: Package): Nix {
  if ("nix" in value) return userCode(value, "pkgs");
  return select(name("pkgs"), ...value.attribute);
}

function text(value: Text): Nix {
  if (typeof value === "string") return string(value);
  return string(
    ...value.parts.map((part) => {
      if (typeof part === "string") return part;
      return "param" in part ? call(name("toString"), name(part.param)) : packageNix(part);
    }),
  );
}

/** Compiles `files`. A removal and another entry of the same path become one attribute set. */
function filesNix(files: ImageSpec["files"], context: ImageContext): Nix | undefined {
  const byPath: Record<string, Record<string, Nix | undefined>> = {};
  for (const file of files) byPath[file.path] = { ...byPath[file.path], ...fileNix(file, context) };
  return record(mapValues(byPath, set));
}

function fileNix(file: ImageSpec["files"][number], context: ImageContext): Record<string, Nix | undefined> {
  switch (file.kind) {
    case "copy":
      return { ...copyNix(file, context), ...rules(file) };
    case "extract":
      return {
        extract: sourceNix(file.source, context),
        strip: file.strip === 0 ? undefined : integer(file.strip),
        ...rules(file),
      };
    case "text":
      return { text: text(file.text), ...rules(file) };
    case "link":
      return { link: text(file.target), ...rules(file) };
    case "directory":
      return { directory: name("true"), ...rules(file) };
    case "remove":
      return { remove: name("true") };
  }
}

/** Compiles a `copy` entry. `placeCopy` applies the ignore rules itself, so the expression then copies all files. */
function copyNix(
  { source, exclude, all }: Extract<ImageSpec["files"][number], { kind: "copy" }>,
  context: ImageContext,
): Record<string, Nix | undefined> {
  const { placeCopy } = context;
  if (!("path" in source)) {
    const within = "nix" in source ? source.directory : "/";
    const code = packageNix(source);
    const copy =
      placeCopy === undefined ? code : relocate(code, (path) => placeCopy(path, { exclude: [], all, within }));
    return { copy, exclude: many(exclude, string), all: flag(all) };
  }
  const { path, directory } = source;
  if (placeCopy !== undefined) return { copy: placeCopy(path, { exclude, all, within: directory }), all: flag(true) };
  return {
    copy: { kind: "path", path },
    exclude: many(exclude, string),
    all: flag(all),
    within: !all && path.startsWith(`${directory}/`) ? { kind: "path", path: directory } : undefined,
  };
}

function sourceNix(source: CopySource, context: ImageContext): Nix {
  return "path" in source ? pathNix(source.path, context) : packageNix(source);
}

/** A file or folder that is copied whole, without ignore rules. */
function pathNix(path: string, { placeCopy }: ImageContext): Nix {
  return placeCopy?.(path, undefined) ?? { kind: "path", path };
}

interface Rules {
  mode?: number | null;
  owner: Owner | null;
  capabilities?: string[];
}

function rules({ mode = null, owner, capabilities = [] }: Rules): Record<string, Nix | undefined> {
  return {
    mode: optional(mode, (bits) => string(bits.toString(8).padStart(4, "0"))),
    owner: optional(owner, ({ user, group }) => string(group === null ? `${user}` : `${user}:${group}`)),
    capabilities: many(capabilities, string),
  };
}

/** A value, or an extension of the base's value. */
function variableNix(value: EnvSpec): Nix {
  if (typeof value === "string" || "parts" in value) return text(value);
  return set("prepend" in value ? { prepend: text(value.prepend) } : { append: text(value.append) });
}

function groupNix({ gid, members }: Omit<ImageSpec["groups"][number], "name">): Nix {
  return set({ gid: integer(gid), members: many(members, string) });
}

function userNix(user: Omit<ImageSpec["users"][number], "name">): Nix {
  return set({
    uid: integer(user.uid),
    gid: integer(user.gid),
    home: optional(user.home, text),
    shell: optional(user.shell, text),
    groups: many(user.groups, string),
  });
}

/** Uses the field names of Docker's image config. Its durations are in nanoseconds. */
function healthcheckNix(check: NonNullable<ImageSpec["config"]["healthcheck"]>): Nix {
  return set({
    Test: texts(check.test),
    Interval: optional(check.interval, amount),
    Timeout: optional(check.timeout, amount),
    StartPeriod: optional(check.startPeriod, amount),
    Retries: optional(check.retries, amount),
  });
}

function insideNix({ user, buildable, nixpkgs, shell, settings }: NonNullable<ImageSpec["nix"]>): Nix {
  return set({
    user: optional(user, string),
    buildable: many(buildable, packageNix),
    nixpkgs: flag(nixpkgs),
    shell: many(shell, packageNix),
    settings: record(mapValues(settings, text)),
  });
}

function layersNix(
  { max, order, steps, volatile, weights }: ImageSpec["layers"],
  lock: Nix | undefined,
): Nix | undefined {
  const isDefault = steps.length === 1 && steps[0]?.kind === "auto";
  return record({
    max: max === LAYERS.default ? undefined : amount(max),
    order: order === "popularity" ? undefined : string(order),
    steps: isDefault ? undefined : list(steps.map(stepNix)),
    volatile: many(volatile, packageNix),
    weights: many(weights, (each) => set({ package: packageNix(each.package), weight: integer(each.weight) })),
    lock,
  });
}

/** The image's records in the lock. If nobody reads the expression, they are JSON text, which is printed faster. */
function lockNix(image: string, { lock, isTraced }: ImageContext): Nix | undefined {
  const entry = entryOf(lock.layers, image);
  if (entry === undefined) return undefined;
  return isTraced ? call(select(name("builtins"), "fromJSON"), string(JSON.stringify(entry))) : lockedImageNix(entry);
}

function lockedImageNix({ rebuilds, before, contents, packages, shared, usedInputs }: LockedImage): Nix {
  const records = (each: Record<string, string>) => set(mapValues(each, string));
  return set({
    rebuilds: integer(rebuilds),
    ...(before == null ? {} : { before: integer(before) }),
    contents: records(contents),
    packages: records(packages),
    ...(shared === undefined ? {} : { shared: records(shared) }),
    ...(usedInputs === undefined ? {} : { usedInputs: set(mapValues(usedInputs, records)) }),
  });
}

function compressionNix({ compression, manifest }: ImageSpec): Nix | undefined {
  if (Array.isArray(compression)) return list(compression.map(formNix));
  const { algorithm, level, chunked } = compression;
  const isDefault = level === null && chunked === undefined && algorithm === (manifest === "docker" ? "gzip" : "zstd");
  return isDefault ? undefined : formNix(compression);
}

function formNix({ algorithm, level, chunked }: Compression): Nix {
  return set({ algorithm: string(algorithm), level: optional(level, integer), chunked: flag(chunked === true) });
}

function flag(value: boolean): Nix | undefined {
  return value ? name("true") : undefined;
}

function stepNix(step: Step): Nix {
  switch (step.kind) {
    case "layer": {
      const packages = list(step.packages.map(packageNix));
      const steps = many(step.steps, stepNix);
      const comment = optional(step.comment, string);
      return set({ layer: string(step.name), [step.only ? "only" : "packages"]: packages, steps, comment });
    }
    case "group":
      return set({ group: amount(step.count) });
    case "each":
      return set({ each: step.count === null ? string("all") : amount(step.count) });
    case "auto":
      return set({ auto: name("true") });
    case "rest":
      return set({ rest: name("true") });
  }
}

function bound({ operator, value }: Bound): Nix {
  return set({ operator: string(operator), value: amount(value) });
}

function amount(value: Amount): Nix {
  return typeof value === "number" ? integer(value) : name(value.param);
}

function ports({ port, endPort, protocol }: ImageSpec["config"]["expose"][number]): string[] {
  return Array.from({ length: endPort - port + 1 }, (_, i) => `${port + i}/${protocol}`);
}

function texts(values: Text[]): Nix {
  return list(values.map(text));
}

function optional<T>(value: T | null, print: (value: T) => Nix): Nix | undefined {
  return value === null ? undefined : print(value);
}

function many<T>(values: T[], print: (value: T) => Nix): Nix | undefined {
  return values.length === 0 ? undefined : list(values.map((value) => print(value)));
}

/** An attribute set; undefined if it would be empty. */
function record(bindings: Record<string, Nix | undefined>): Nix | undefined {
  return Object.values(bindings).every((value) => value === undefined) ? undefined : set(bindings);
}

function mapValues<T>(values: Record<string, T>, print: (value: T) => Nix): Record<string, Nix> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, print(value)]));
}
