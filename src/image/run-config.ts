/** How an image's config inherits its base's, as a Dockerfile's FROM does. */
import type { RunConfig } from "./oci.ts";

/** Environment and labels are merged by name; what else the image says replaces what the base said. */
export function mergeRunConfig(base: RunConfig, own: RunConfig): RunConfig {
  const merged: RunConfig = { ...base, ...own };
  // A new entry point makes the base's arguments meaningless.
  if (own.Entrypoint && !own.Cmd) delete merged.Cmd;
  const env = mergeEnv(base.Env ?? [], own.Env ?? []);
  if (env.length > 0) merged.Env = env;
  for (const key of ["Labels", "ExposedPorts", "Volumes"]) {
    const both = { ...asObject(base[key]), ...asObject(own[key]) };
    if (Object.keys(both).length > 0) merged[key] = both;
  }
  return merged;
}

function mergeEnv(base: string[], own: string[]): string[] {
  const byName = new Map([...base, ...own].map((line) => [line.split("=", 1)[0], line]));
  return [...byName.values()];
}

function asObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
