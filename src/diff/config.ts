/** Lists the differences between two image configs (image-spec, config.md). */
import type { ImageConfig } from "../oci/documents.ts";

/** A changed setting. `before` and `after` are JSON texts, or null if that config lacks the setting. */
export interface ConfigChange {
  /** The setting's name in an image description: `entrypoint`, `env PATH`. */
  name: string;
  before: string | null;
  after: string | null;
}

/** Names in a config -> names in a description. The most important names for a reviewer come first. */
const NAMES = new Map([
  ["User", "user"],
  ["Entrypoint", "entrypoint"],
  ["Cmd", "cmd"],
  ["Env", "env"],
  ["ExposedPorts", "expose"],
  ["Volumes", "volumes"],
  ["WorkingDir", "workdir"],
  ["Healthcheck", "healthcheck"],
  ["StopSignal", "stop-signal"],
  ["Labels", "labels"],
]);
/** Properties that describe layers, which are compared separately. */
const LAYERS = new Set(["config", "rootfs", "history"]);

export function configChanges(before: ImageConfig, after: ImageConfig): ConfigChange[] {
  const [was, is] = [settings(before), settings(after)];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return names
    .map((name) => ({ name, before: was.get(name) ?? null, after: is.get(name) ?? null }))
    .filter((change) => change.before !== change.after)
    .toSorted((a, b) => rank(a.name) - rank(b.name));
}

/** The settings as JSON, by name; each variable, port, volume and label is a separate setting. */
function settings({ config = {}, ...image }: ImageConfig): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(config)) {
    const name = NAMES.get(key) ?? key;
    if (key === "Env" && Array.isArray(value)) {
      for (const line of value.map(String)) {
        const [variable = "", ...rest] = line.split("=");
        found.set(`${name} ${variable}`, JSON.stringify(rest.join("=")));
      }
    } else if (["ExposedPorts", "Volumes", "Labels"].includes(key) && typeof value === "object" && value !== null) {
      for (const [each, text] of Object.entries(value)) found.set(`${name} ${each}`, JSON.stringify(text));
    } else if (value !== null && value !== "") found.set(name, JSON.stringify(value));
  }
  for (const [key, value] of Object.entries(image)) {
    if (!LAYERS.has(key) && value !== null) found.set(key, JSON.stringify(value));
  }
  return found;
}

function rank(name: string): number {
  const at = [...NAMES.values()].indexOf(name.split(" ")[0] ?? "");
  return at < 0 ? NAMES.size : at;
}
