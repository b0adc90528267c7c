/** `imgc plan --open`, with scripts in place of xdg-open. */
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fabricate } from "../../../bench/fabricate.ts";
import { cleanUp, folder } from "../../e2e/tools.ts";
import { run } from "../run.ts";

const image = await fabricate(30);
cleanUp(() => rmSync(join(image, "../../.."), { recursive: true }));

/** A folder for PATH with `script` as xdg-open. */
function opener(script: string): string {
  const path = folder();
  writeFileSync(join(path, "xdg-open"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(path, "xdg-open"), 0o755);
  return path;
}

/** The folder for pages without --html. */
const pages = folder();
const planned = (path: string, ...options: string[]) =>
  run(["plan", image, "--open", ...options], { env: { PATH: path, TMPDIR: pages } });

test("xdg-open gets the page, which is at the path of --html or in a temporary folder", () => {
  const wanted = join(folder(), "page of a plan.html");
  for (const options of [["--html", wanted], []]) {
    const path = opener('printf "%s\\n" "$#" "$1" > "${0%/*}/got"');
    const { status, stdout, stderr } = planned(path, ...options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const page = stdout.trim();
    expect(readFileSync(join(path, "got"), "utf8")).toBe(`1\n${page}\n`);
    expect(readFileSync(page, "utf8")).toContain("bench/scale:v1");
    expect(options.length > 0 ? page === wanted : page.startsWith(pages)).toBe(true);
  }
});

test("a browser that keeps running is not waited for", () => {
  const path = opener('echo $$ > "${0%/*}/pid"\nexec /bin/sleep 600');
  cleanUp(() => process.kill(Number(readFileSync(join(path, "pid"), "utf8"))));
  expect(planned(path)).toMatchObject({ status: 0, stderr: "" });
});

test.each([
  ["is missing", folder(), "xdg-open is not installed"],
  ["finds no browser", opener("exit 3"), "xdg-open found no browser"],
])("if xdg-open %s, the page is written and the message has its path", (_, path, why) => {
  const { status, stdout, stderr } = planned(path);
  expect(status).toBe(0);
  expect(existsSync(stdout.trim())).toBe(true);
  expect(stderr).toBe(`imgc: ${why}; open ${stdout.trim()} yourself\n`);
});
