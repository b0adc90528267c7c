/** Stands in for a tool of this machine: a script in a folder that is first on PATH until the test ends. */
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { onTestFinished } from "vitest";
import { folder } from "./e2e/tools.ts";

/** `script`: the body of a program in JavaScript, whose arguments are in `args`; returns the tool's own folder. */
export function fakeTool(name: string, script: string): string {
  const at = folder();
  const program = `#!${process.execPath}\nconst fs = require("node:fs");\nconst args = process.argv.slice(2);\nconst at = __dirname;\n`;
  writeFileSync(join(at, name), program + script);
  chmodSync(join(at, name), 0o755);
  setEnvironment({ PATH: `${at}${delimiter}${process.env["PATH"] ?? ""}` });
  return at;
}

/** Sets environment variables until the test ends. */
export function setEnvironment(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}
