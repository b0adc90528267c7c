#!/usr/bin/env node
// Plain old syntax: it must run, and say what is missing, on any Node.js that has ES modules.
import { existsSync, mkdirSync } from "node:fs";
import module, { createRequire } from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error(`imgc needs Node.js 22.15 or newer; this is v${process.versions.node}.`);
  process.exit(2);
}
keepCompiledCode();
createRequire(import.meta.url)("../dist/start.cjs");

/**
 * Keeps compiled code in a folder of this user. The default of Node.js is a folder in the temporary folder, where another user
 * can make it first, and put code into it.
 */
function keepCompiledCode() {
  if (process.env.NODE_COMPILE_CACHE) return void module.enableCompileCache();
  const given = process.env.XDG_CACHE_HOME || "";
  let folder = isAbsolute(given) ? given : join(homedir(), ".cache");
  try {
    // `mkdir` with `recursive` never returns in file systems such as /proc.
    for (const name of [".", "imgc", "code"]) {
      folder = join(folder, name);
      if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    }
    module.enableCompileCache(folder);
  } catch {
    // Without a folder, imgc compiles its code in each run.
  }
}
