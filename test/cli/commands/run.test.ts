import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder } from "../../e2e/tools.ts";
import { fakeTool } from "../../fake-tool.ts";
import { makeImage } from "../../serve/image.ts";
import { run } from "../run.ts";

test("run passes ports, variables, volumes and other options to the engine, and arguments to the container", async () => {
  const image = await makeImage(folder(), "run", { layers: { app: "data" } });
  const at = fakeTool("podman", `if (args[0] === "run") fs.writeFileSync(at + "/ran", JSON.stringify(args));`);
  const options = ["-p", "8080:80", "-e", "A=b c", "--env", "HOME", "-v", "./data:/data:ro"];
  const engine = ["--engine-option", "--network=none", "--engine-option=--read-only"];
  const { status, stderr } = run([
    "run",
    image,
    ...options,
    ...engine,
    "--into",
    "podman",
    "--",
    "serve",
    "--port",
    "80",
  ]);
  expect(stderr).toMatch(/^podman has \S+\n0 of 1 layer moved, [\d.]+ s\n$/);
  expect(status).toBe(0);
  const ran = JSON.parse(readFileSync(join(at, "ran"), "utf8")) as string[];
  expect(ran.slice(0, 5)).toEqual(["run", "--rm", "--interactive", "--cidfile", expect.any(String)]);
  expect(ran[15]).toMatch(/test\/app:v1$/);
  expect(ran.slice(5, 15).join(" ")).toBe(
    "--publish 8080:80 --env A=b c --env HOME --volume ./data:/data:ro --network=none --read-only",
  );
  expect(ran.slice(16)).toEqual(["serve", "--port", "80"]);
});

test("options of the engine need their own option", () => {
  const { status, stderr } = run(["run", "image", "--network=none"]);
  expect(status).toBe(2);
  expect(stderr).toContain("unknown option '--network=none'");
});
