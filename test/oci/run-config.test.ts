/** The config of an image merged with its base's. */
import { expect, test } from "vitest";
import { DEFAULT_PATH, mergeRunConfig } from "../../src/oci/run-config.ts";

test("a PATH that the base does not set is extended from the runtime's default, other variables from nothing", () => {
  const extended = (name: string, Env: string[] = []) =>
    mergeRunConfig({ Env }, {}, [{ name, prepend: "/a", append: null }]).Env;
  expect(extended("PATH")).toEqual([`PATH=/a:${DEFAULT_PATH}`]);
  expect(extended("PATH", ["PATH=/bin"])).toEqual(["PATH=/a:/bin"]);
  expect(extended("PATH", ["PATH="])).toEqual(["PATH=/a"]);
  expect(extended("MANPATH")).toEqual(["MANPATH=/a"]);
});
