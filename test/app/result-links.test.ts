import { lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildSpec } from "../../src/app/build.ts";
import { earlierLinks, ResultLinks } from "../../src/app/result-links.ts";
import { EXIT } from "../../src/util/errors.ts";
import { files, folder } from "../e2e/tools.ts";
import { collector } from "./collector.ts";

test("links of an earlier build are those to a store that this build did not replace", () => {
  const at = folder();
  const store = `/nix/store/${"a".repeat(32)}-image`;
  for (const name of ["result", "result-1", "result-2", "result-01", "other-3"]) symlinkSync(store, join(at, name));
  symlinkSync("/tmp", join(at, "result-4"));
  writeFileSync(join(at, "result-5"), "");
  expect(earlierLinks(join(at, "result"), 1)).toEqual([join(at, "result-1"), join(at, "result-2")]);
  expect(earlierLinks(join(at, "result"), 2)).toEqual([join(at, "result-2")]);
  expect(earlierLinks(join(at, "result"), 3)).toEqual([]);
});

test("the outputs of the last build are those in the store of this build", () => {
  const at = folder();
  const root = join(at, "root");
  const outputs = ["a", "b"].map((hash) => `/nix/store/${hash.repeat(32)}-image`);
  const links = new ResultLinks(join(at, "result"), root);
  expect(links.earlier(2)).toEqual([]);
  links.finish(outputs);
  expect(links.earlier(2)).toEqual(outputs);
  expect(links.earlier(1)).toEqual(outputs.slice(0, 1));
  expect(new ResultLinks(join(at, "result"), "").earlier(2)).toEqual([]);
  expect(new ResultLinks(null, root).earlier(2)).toEqual([]);
});

test("a build that would replace files of the user fails before Nix runs", async () => {
  const spec = files({ "a.imgspec": 'image "a" { }\nimage "b" { }\n' });
  const at = folder();
  const build = (outLink: string) => buildSpec(spec, { outLink }, collector().context);
  mkdirSync(join(at, "folder"));
  writeFileSync(join(at, "second-1"), "mine");
  symlinkSync("/etc", join(at, "foreign"));
  for (const path of ["folder", "foreign"].map((name) => join(at, name))) {
    const message = `${path} is not a link to a built image: move it, or name another link with -o`;
    await expect(build(path)).rejects.toMatchObject({ exitCode: EXIT.usage, message });
  }
  await expect(build(join(at, "second"))).rejects.toThrow(`${join(at, "second-1")} is not a link`);
  await expect(build(join(at, "second-1/x/y"))).rejects.toMatchObject({
    exitCode: EXIT.environment,
    message: expect.stringContaining(`cannot make a link in ${join(at, "second-1")}: it is not a folder`) as string,
  });
});

test("links into a chroot store are made in a new folder, and replace no file", () => {
  const at = folder();
  const outputs = ["a", "b"].map((letter) => `/nix/store/${letter.repeat(32)}-image`);
  new ResultLinks(join(at, "new/result"), "/cache").finish(outputs);
  expect(readlinkSync(join(at, "new/result-1"))).toBe(`/cache${outputs[1] as string}`);
  writeFileSync(join(at, "file"), "mine");
  expect(() => new ResultLinks(join(at, "file"), "/cache").finish(outputs)).toThrow("is not a link to a built image");
  expect(lstatSync(join(at, "file")).isFile() && readFileSync(join(at, "file"), "utf8")).toBe("mine");
});
