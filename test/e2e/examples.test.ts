import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { build, EXAMPLES, imgc, loadLayout, LIMITS, podman, tool, tried, verified } from "./tools.ts";

const example = (name: string, attribute?: string) =>
  build(join(EXAMPLES, `${name}.imgspec`), attribute === undefined ? {} : { attribute });

const json = (path: string, name: string): unknown => JSON.parse(readFileSync(join(path, name), "utf8"));

test("every example is formatted and begins with its purpose", async () => {
  const names = readdirSync(EXAMPLES).filter((name) => name.endsWith(".imgspec"));
  await imgc("fmt", "--check", EXAMPLES);
  for (const name of names) expect(readFileSync(join(EXAMPLES, name), "utf8")).toMatch(/^# \S.*\.\n/s);
});

test("nginx serves, and is not root", async () => {
  expect((await tried((await example("nginx")).path)).stdout).toContain("OK: all digests match");
  const image = await loadLayout((await example("nginx", "oci")).path);
  const curl = await loadLayout((await example("family", "fetch.oci")).path);
  const id = (await podman(image, [], ["--detach"])).stdout.trim();
  onTestFinished(async () => void (await tool("podman", ["--runtime", "runc", "rm", "--force", "--time", "1", id])));
  const beside = ["--runtime", "runc", "run", "--rm", "--network", `container:${id}`, ...LIMITS, curl];
  const ask = () => tool("podman", [...beside, "--silent", "--fail", "http://127.0.0.1:8080/"]);
  let answer = "";
  for (let i = 0; i < 20 && answer === ""; i++)
    answer = await ask().then(
      ({ stdout }) => stdout,
      () => sleep(500, ""),
    );
  expect(answer).toContain("Served by nobody in particular.");
  const users = (await tool("podman", ["--runtime", "runc", "top", id, "user"])).stdout.trim().split("\n").slice(1);
  expect(new Set(users)).toEqual(new Set(["web"]));
});

test("two children share the layers of their base", async () => {
  const [base, query, fetch] = await Promise.all(
    ["base", "query", "fetch"].map(async (name) => {
      const { path } = await example("family", name);
      await verified(path);
      return (json(path, "manifest.json") as { layers: { digest: string }[] }).layers.map(({ digest }) => digest);
    }),
  );
  expect(query?.slice(0, base?.length)).toEqual(base);
  expect(fetch?.slice(0, base?.length)).toEqual(base);
  const image = await loadLayout((await example("family", "query.oci")).path);
  expect((await podman(image)).stdout).toBe('"from the base"\n');
});

test("layers by hand: ten paths share a layer, later paths have one each, frequent changes are on top", async () => {
  const { path } = await example("layers");
  const { layers: count } = await verified(path);
  const layers = readdirSync(join(path, "layers"))
    .toSorted()
    .map((name) => json(path, join("layers", name)) as { name: string; content: { paths: string[] } });
  expect(count).toBe(layers.length);
  const of = (name: string) => layers.filter((layer) => layer.name === name);
  expect(layers[0]?.name).toBe("group 10");
  expect(layers[0]?.content.paths).toHaveLength(10);
  expect(of("each").length).toBeGreaterThan(20);
  expect(of("each").every(({ content }) => content.paths.length === 1)).toBe(true);
  expect(layers.slice(-2).map((layer) => layer.name)).toEqual(["volatile", "files"]);
  expect(layers.at(-2)?.content.paths.join()).toContain("python3");
  // The weight pulls a path among the ten.
  expect(layers[0]?.content.paths.join()).toContain("openssl");
});

test("users, build steps, a Docker manifest and a static program work in containers", async () => {
  for (const name of ["users", "build-steps", "docker", "static"]) {
    const { path } = await example(name);
    expect((await tried(path)).stdout).toContain("OK: all digests match");
    const { mediaType } = json(path, "manifest.json") as { mediaType: string };
    expect(mediaType).toBe(
      name === "docker"
        ? "application/vnd.docker.distribution.manifest.v2+json"
        : "application/vnd.oci.image.manifest.v1+json",
    );
  }
  // A static program: no other store path.
  const { closure } = readImageDirectory((await example("static")).path).file;
  expect(closure).toHaveLength(1);
});
