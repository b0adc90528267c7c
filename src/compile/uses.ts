/** Lists the packages and expressions that a spec's images evaluate, each with its path in the spec. */
import type { ImageSpec, Package, Step, Text } from "../language/schema/spec.ts";

export interface Use {
  image: string;
  /** The path in the spec, as `locate` takes it. */
  at: (string | number)[];
  value: Package;
  /** `base`: the value of `base nix`, which is an image or an archive. */
  kind: "package" | "base";
}

type SpecPath = (string | number)[];

/** Every use in an image, in the order of its settings. */
export function usesOf(image: ImageSpec): Use[] {
  const uses: Use[] = [];
  const add = (value: Package, at: SpecPath, kind: Use["kind"] = "package") =>
    uses.push({ image: image.name, at, value, kind });
  const packages = (values: readonly Package[], at: SpecPath) => values.forEach((value, i) => add(value, [...at, i]));
  const text = (value: Text | null, at: SpecPath) => {
    if (value === null || typeof value === "string") return;
    const inside = value.parts.filter((part) => typeof part !== "string" && !("param" in part)) as Package[];
    packages(inside, at);
  };
  const texts = (values: readonly Text[] | null, at: SpecPath) =>
    values?.forEach((value, i) => text(value, [...at, i]));
  const record = (values: Record<string, Text>, at: SpecPath) => {
    for (const [key, value] of Object.entries(values)) text(value, [...at, key]);
  };
  const steps = (all: readonly Step[], at: SpecPath) => {
    for (const step of all) {
      if (step.kind !== "layer") continue;
      const path = [...at, "layer", step.name];
      packages(step.packages, path);
      steps(step.steps, path);
    }
  };

  const { config, layers, expect, nix } = image;
  text(image.tag, ["tag"]);
  if (image.base.kind === "nix") add(image.base.expression, ["base"], "base");
  packages(image.packages, ["packages"]);
  packages(image.store, ["store"]);
  for (const file of image.files) {
    const at = ["files", file.path];
    if ("source" in file && !("path" in file.source)) add(file.source, [...at, 0]);
    if (file.kind === "text") text(file.text, at);
    if (file.kind === "link") text(file.target, at);
  }
  for (const user of image.users) {
    text(user.home, ["users", user.name, "home"]);
    text(user.shell, ["users", user.name, "shell"]);
  }
  texts(config.entrypoint, ["config", "entrypoint"]);
  texts(config.cmd, ["config", "cmd"]);
  for (const [key, value] of Object.entries(config.env)) {
    const change = typeof value === "string" || "parts" in value ? value : Object.values(value)[0];
    text(change ?? null, ["config", "env", key]);
  }
  text(config.user, ["config", "user"]);
  text(config.workdir, ["config", "workdir"]);
  record(config.labels, ["config", "labels"]);
  text(config.stopSignal, ["config", "stop-signal"]);
  texts(config.healthcheck?.test ?? null, ["config", "healthcheck", "test"]);
  texts(config.shell, ["config", "shell"]);
  record(image.annotations, ["annotations"]);
  text(image.author, ["author"]);
  packages(nix?.buildable ?? [], ["nix", "buildable"]);
  packages(nix?.shell ?? [], ["nix", "shell"]);
  record(nix?.settings ?? {}, ["nix", "settings"]);
  steps(layers.steps, ["layers"]);
  packages(layers.volatile, ["layers", "volatile"]);
  packages(
    layers.weights.map((each) => each.package),
    ["layers", "weight"],
  );
  packages(expect.absent, ["expect", "absent"]);
  packages(expect.present, ["expect", "present"]);
  expect.run.forEach((run, i) => {
    texts(run.command, ["expect", "run", i]);
    text(run.stdout, ["expect", "run", i, "stdout"]);
  });
  return uses;
}
