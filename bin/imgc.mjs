#!/usr/bin/env node
// Plain old syntax: it must run, and say what is missing, on any Node.js that has ES modules.
import module, { createRequire } from "node:module";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error(`imgc needs Node.js 22.15 or newer; this is v${process.versions.node}.`);
  process.exit(2);
}
module.enableCompileCache();
createRequire(import.meta.url)("../dist/start.cjs");
