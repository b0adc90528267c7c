/** One image of a spec -> the call of `imgc.image`. Settings at their default are left out, as a person would. */
import type { Amount, Bound, ImageSpec, Owner, Package, Step, Text } from "../language/schema/spec.ts";
import { call, integer, list, name, select, set, string, type Nix } from "./syntax.ts";

/** `variables` names the Nix variable of every image of the file. */
export function lowerImage(image: ImageSpec, variables: Map<string, string>): Nix {
  const { config, expect } = image;
  return call(
    select(name("imgc"), "image"),
    set({
      name: string(image.name),
      tag: optional(image.tag, text),
      base: image.base.kind === "image" ? name(variables.get(image.base.name) as string) : undefined,
      packages: many(image.packages, lowerPackage),
      store: many(image.store, lowerPackage),
      files: record(Object.fromEntries(image.files.map((file) => [file.path, lowerFile(file)]))),
      config: record({
        entrypoint: optional(config.entrypoint, texts),
        cmd: optional(config.cmd, texts),
        env: record(mapValues(config.env, text)),
        user: optional(config.user, text),
        workdir: optional(config.workdir, text),
        expose: many(config.expose.flatMap(ports), string),
        volumes: many(config.volumes, string),
        labels: record(mapValues(config.labels, text)),
        stopSignal: optional(config.stopSignal, text),
        shell: optional(config.shell, texts),
      }),
      layers: set({ max: amount(image.layers.max), steps: list(image.layers.steps.map(lowerStep)) }),
      output: image.output === "raw" ? undefined : string(image.output),
      manifest: image.manifest === "oci" ? undefined : string(image.manifest),
      compression: set({
        algorithm: string(image.compression.algorithm),
        level: optional(image.compression.level, integer),
      }),
      expect: record({
        size: many(expect.size, bound),
        layers: many(expect.layers, bound),
        absent: many(expect.absent, lowerPackage),
      }),
    }),
  );
}

export function lowerPackage(value: Package): Nix {
  if ("nix" in value) return { kind: "written", code: value.nix, scope: "pkgs" };
  return select(name("pkgs"), ...value.attribute);
}

export function text(value: Text): Nix {
  if (typeof value === "string") return string(value);
  return string(
    ...value.parts.map((part) => {
      if (typeof part === "string") return part;
      return "param" in part ? call(name("toString"), name(part.param)) : lowerPackage(part);
    }),
  );
}

function lowerFile(file: ImageSpec["files"][number]): Nix {
  const rules = {
    mode: optional(file.mode, (mode) => string(mode.toString(8).padStart(4, "0"))),
    owner: optional(file.owner, owner),
  };
  switch (file.kind) {
    case "copy":
      return set({
        copy: "path" in file.source ? { kind: "path", path: file.source.path } : lowerPackage(file.source),
        ...rules,
      });
    case "text":
      return set({ text: text(file.text), ...rules });
    case "link":
      return set({ link: text(file.target) });
    case "directory":
      return set({ directory: name("true"), ...rules });
  }
}

function owner({ user, group }: Owner): Nix {
  return set({ uid: idOf(user), gid: idOf(group ?? user) });
}

function idOf(id: number | string): Nix {
  return typeof id === "number" ? integer(id) : string(id);
}

function lowerStep(step: Step): Nix {
  switch (step.kind) {
    case "layer": {
      const packages = list(step.packages.map(lowerPackage));
      return set({ layer: string(step.name), [step.only ? "only" : "packages"]: packages });
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

/** An attribute set, or nothing where it would be empty. */
function record(bindings: Record<string, Nix | undefined>): Nix | undefined {
  return Object.values(bindings).every((value) => value === undefined) ? undefined : set(bindings);
}

function mapValues<T>(values: Record<string, T>, print: (value: T) => Nix): Record<string, Nix> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, print(value)]));
}
