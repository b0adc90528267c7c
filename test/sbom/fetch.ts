/** Downloads the official JSON schemas of SPDX and CycloneDX, from a published package that contains both. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { ARCHIVE } from "./schemas.ts";

const PACKAGE = "@cyclonedx/cdxgen@12.8.4";
const SHA256 = "fe4787e12e4b261af5272ad0a1075cd6e24bfa2792a26c1916a0c806290bea13";

const cwd = dirname(ARCHIVE);
mkdirSync(cwd, { recursive: true });
if (!existsSync(ARCHIVE)) execFileSync("npm", ["pack", "--silent", PACKAGE], { cwd, stdio: "ignore" });
const found = createHash("sha256").update(readFileSync(ARCHIVE)).digest("hex");
if (found !== SHA256) throw new Error(`${ARCHIVE} has SHA-256 ${found}, not ${SHA256}: remove it and try again`);
