import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { load } from "../../src/publish/load.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { folder } from "../e2e/tools.ts";
import { fakeTool } from "../fake-tool.ts";
import { makeImage } from "../serve/image.ts";

/** An engine that lists the name of a killed load, and cannot remove it, since another load did so. */
const PODMAN = `
fs.appendFileSync(at + "/calls", args.join(" ") + "\\n");
if (args[0] === "images") console.log("127.0.0.1:2/imgc-load:v1");
if (args[0] === "rmi" && args.includes("127.0.0.1:2/imgc-load:v1")) process.exit(1);
`;

test("a load succeeds if another load removes the same leftover name at the same time", async () => {
  const at = fakeTool("podman", PODMAN);
  const pool = new LayerPool();
  onTestFinished(async () => await pool[Symbol.asyncDispose]());
  const image = readImageDirectory(await makeImage(folder(), "load", { layers: { app: "app" } }));
  await load(image, { name: "shop/api", tag: "v1" }, "podman", { pool });
  const calls = readFileSync(join(at, "calls"), "utf8").trim().split("\n");
  expect(calls.map((call) => call.split(" ")[0])).toEqual(["pull", "tag", "rmi", "images", "rmi"]);
  expect(calls.at(-1)).toBe("rmi 127.0.0.1:2/imgc-load:v1");
});
