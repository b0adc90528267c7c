/** The official JSON schemas of SPDX and CycloneDX, from a published package that has them both; kept in the user's cache. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const PACKAGE = "@cyclonedx/cdxgen@12.8.4";
const SHA256 = "fe4787e12e4b261af5272ad0a1075cd6e24bfa2792a26c1916a0c806290bea13";
const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "imgc-test");

/** `spdx-export`, `bom-1.6`, `spdx` (licence identifiers), `jsf-0.82`. */
export function officialSchema(name: string): object {
  const archive = join(CACHE, "cyclonedx-cdxgen-12.8.4.tgz");
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(archive)) execFileSync("npm", ["pack", "--silent", PACKAGE], { cwd: CACHE, stdio: "ignore" });
  const found = createHash("sha256").update(readFileSync(archive)).digest("hex");
  if (found !== SHA256) throw new Error(`${archive} has SHA-256 ${found}, not ${SHA256}: remove it and try again`);
  const file = `package/data/${name}.schema.json`;
  return JSON.parse(execFileSync("tar", ["xzf", archive, "-O", file], { maxBuffer: 1 << 26 }).toString()) as object;
}
