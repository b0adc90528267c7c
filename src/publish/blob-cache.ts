/**
 * Where skopeo remembers which registry has which blob, so that another repository of the registry takes it over from the
 * one that has it. It writes that down for every layer it asks about, each time with two flushes to the disk: for a
 * hundred layers longer than all else that a push of a small change does. So what pushes learn is kept in memory, for as
 * long as the machine runs.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../oci/digest.ts";

/** A folder in memory, on Linux. */
const MEMORY = "/dev/shm";
/** Bytes at which all is forgotten: what one machine pushes in years, and little beside its memory. */
const MAX_SIZE = 16 << 20;

/**
 * What skopeo is told by its environment; nothing where there is no such folder, or somebody else's. Who may not write to a
 * registry, not even to take over a blob, is `forgetful`.
 */
export function blobCache(forgetful = false, memory = MEMORY): Record<string, string> {
  const uid = process.getuid?.() ?? 0;
  const folder = join(memory, `imgc-${uid}`);
  const cache = join(folder, "containers/cache");
  if (!existsSync(memory)) return {};
  try {
    mkdirSync(folder, { mode: 0o700, recursive: true });
    const { mode, uid: owner } = lstatSync(folder);
    if (owner !== uid || (mode & 0o170077) !== 0o040000) return {};
    mkdirSync(cache, { mode: 0o700, recursive: true });
    for (const name of readdirSync(cache)) {
      if (lstatSync(join(cache, name)).size > MAX_SIZE) rmSync(join(cache, name));
    }
    const data = process.env["XDG_DATA_HOME"] || join(homedir(), ".local/share");
    // For root the place is fixed, unless it says that it acts for another user, as podman does in its name spaces.
    // Nothing else that a copy between registries reads depends on that.
    const own = forgetful ? beside(data, `${folder}/none`, "/dev/null") : beside(data, folder, "../containers");
    return { XDG_DATA_HOME: own, ...(uid === 0 ? { _CONTAINERS_ROOTLESS_UID: "1" } : {}) };
  } catch {
    return {};
  }
}

/** The same data but for the containers': programs that skopeo asks for credentials find theirs as ever. */
function beside(data: string, folder: string, containers: string): string {
  const own = join(folder, sha256(Buffer.from(data)).slice(-16));
  mkdirSync(own, { recursive: true });
  const links = new Map([["containers", containers]]);
  if (existsSync(data)) {
    for (const name of readdirSync(data)) if (name !== "containers") links.set(name, join(data, name));
  }
  for (const name of readdirSync(own)) links.delete(name);
  for (const [name, target] of links) symlinkSync(target, join(own, name));
  return own;
}
