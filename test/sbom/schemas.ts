/** The official JSON schemas of SPDX and CycloneDX, downloaded by fetch.ts into the user's cache. */
import { execFileSync } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";

const CACHE = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
/** An npm package. */
export const ARCHIVE = join(CACHE, "imgc-test/cyclonedx-cdxgen-12.8.4.tgz");

/** `spdx-export`, `bom-1.6`, `spdx` (licence identifiers), `jsf-0.82`. */
export function officialSchema(name: string): object {
  const file = `package/data/${name}.schema.json`;
  return JSON.parse(execFileSync("tar", ["xzf", ARCHIVE, "-O", file], { maxBuffer: 1 << 26 }).toString()) as object;
}
