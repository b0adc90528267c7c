/**
 * Keeps skopeo's blob info cache in memory until the next boot. skopeo records in it which repository has which blob,
 * and later mounts the blob in another repository of the registry. On disk, skopeo would flush the cache twice for each
 * layer; for a hundred layers, that takes longer than the rest of a small push.
 */
import { existsSync, lstatSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../oci/digest.ts";
import { makeFolder } from "../util/make-folder.ts";

/** A file system in memory, on Linux. */
const MEMORY = "/dev/shm";
/** The cache is deleted when it has more bytes than this. One machine reaches this size after years of pushes. */
const MAX_SIZE = 16 << 20;

/**
 * Environment variables that make skopeo use this cache. If there is no /dev/shm, or if the folder belongs to another user,
 * there are no variables, and skopeo uses its own cache. `readOnly`: use an empty cache instead, so that skopeo does not
 * even mount a blob in the registry.
 */
export function blobCache(readOnly = false, memory = MEMORY): Record<string, string> {
  const uid = process.getuid?.() ?? 0;
  const folder = join(memory, `imgc-${uid}`);
  const cache = join(folder, "containers/cache");
  if (!existsSync(memory)) return {};
  try {
    makeFolder(folder, 0o700);
    const { mode, uid: owner } = lstatSync(folder);
    if (owner !== uid || (mode & 0o170077) !== 0o040000) return {};
    makeFolder(cache, 0o700);
    for (const name of readdirSync(cache)) {
      if (lstatSync(join(cache, name)).size > MAX_SIZE) rmSync(join(cache, name));
    }
    const data = process.env["XDG_DATA_HOME"] || join(homedir(), ".local/share");
    // For root, skopeo uses a fixed path. `_CONTAINERS_ROOTLESS_UID`, which podman sets in user namespaces, says that
    // root acts for another user, and makes skopeo read XDG_DATA_HOME. Nothing else in a copy between registries
    // depends on the variable.
    const own = readOnly ? beside(data, `${folder}/none`, "/dev/null") : beside(data, folder, "../containers");
    return { XDG_DATA_HOME: own, ...(uid === 0 ? { _CONTAINERS_ROOTLESS_UID: "1" } : {}) };
  } catch {
    return {};
  }
}

/**
 * A data folder with links to all entries of `data` except `containers`, so that credential helpers still find their
 * files.
 */
function beside(data: string, folder: string, containers: string): string {
  const own = join(folder, sha256(Buffer.from(data)).slice(-16));
  makeFolder(own);
  const links = new Map([["containers", containers]]);
  if (existsSync(data)) {
    for (const name of readdirSync(data)) if (name !== "containers") links.set(name, join(data, name));
  }
  for (const name of readdirSync(own)) links.delete(name);
  for (const [name, target] of links) symlinkSync(target, join(own, name));
  return own;
}
