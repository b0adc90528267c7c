/** Merges an image's config with its base's, as `FROM` in a Dockerfile does. */
import * as z from "zod/mini";
import type { RunConfig } from "./documents.ts";

/** The PATH of container runtimes if the config sets none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The text to put before or after the base's value of a variable. */
export const EnvExtension = z.object({
  name: z.string(),
  prepend: z.nullable(z.string()),
  append: z.nullable(z.string()),
});
export type EnvExtension = z.infer<typeof EnvExtension>;

/**
 * Merges environment, labels, ports and volumes by name; other settings of the image replace the base's. `extensions` are
 * applied to the merged environment.
 */
export function mergeRunConfig(base: RunConfig, own: RunConfig, extensions: EnvExtension[] = []): RunConfig {
  const merged: RunConfig = { ...base, ...own };
  // A new entry point makes the base's arguments meaningless.
  if (own.Entrypoint && !own.Cmd) delete merged.Cmd;
  const env = extended(mergeEnv(base.Env ?? [], own.Env ?? []), extensions);
  if (env.length > 0) merged.Env = env;
  for (const key of ["Labels", "ExposedPorts", "Volumes"]) {
    const both = { ...asObject(base[key]), ...asObject(own[key]) };
    if (Object.keys(both).length > 0) merged[key] = both;
  }
  return merged;
}

function mergeEnv(base: string[], own: string[]): string[] {
  const byName = new Map([...base, ...own].map((line) => [nameOf(line), line]));
  return [...byName.values()];
}

/**
 * Joins with a colon. If the variable is missing, extends the value that runtimes set: the default PATH, or nothing. If the value
 * is empty, the extension is the whole value.
 */
function extended(env: string[], extensions: EnvExtension[]): string[] {
  const values = new Map(env.map((line): [string, string] => [nameOf(line), line.slice(nameOf(line).length + 1)]));
  for (const { name, prepend, append } of extensions) {
    values.set(
      name,
      [prepend, values.get(name) ?? RUNTIME_ENV[name], append].filter((part) => (part ?? "") !== "").join(":"),
    );
  }
  return [...values].map(([name, value]) => `${name}=${value}`);
}

const RUNTIME_ENV: Partial<Record<string, string>> = { PATH: DEFAULT_PATH };

function nameOf(line: string): string {
  return line.split("=", 1)[0] as string;
}

function asObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
