import { beforeAll, expect, test } from "vitest";
import { cleanUp, CONTAINERS, failure, files, IMGC, tool } from "./tools.ts";

const stamp = `${Date.now()}`;
const name = `test/load-${stamp}`;
const spec = (app: string) =>
  files({
    "load.imgspec": `image "${name}" {
      tag "v1"
      packages [ jq ]
      files { "/app" text "${stamp} ${app}" }
      config { entrypoint [ "/bin/jq" ] }
    }`,
  });

const imgc = (...args: string[]) => tool(process.execPath, [IMGC, ...args], CONTAINERS);

beforeAll(() => cleanUp(() => tool("podman", ["rmi", "--force", `${name}:v1`])));

test("load moves the missing layers: all, none, then the changed layer", async () => {
  const first = await imgc("load", spec("one"));
  expect(first.stdout).toBe(`${name}:v1\n`);
  const { stdout } = await tool("podman", ["run", "--rm", `${name}:v1`, "-n", "6 * 7"], CONTAINERS);
  expect(stdout).toBe("42\n");
  expect((await imgc("load", spec("one"))).stderr).toMatch(/^0 of \d layers moved, [\d.]+ s$/m);
  expect((await imgc("load", spec("two"))).stderr).toMatch(/^1 of \d layers moved, \d.* k?B, [\d.]+ s$/m);
  // The temporary name is removed. Other tests load images at the same time.
  const repositories = async () => (await tool("podman", ["images", "--format", "{{.Repository}}"])).stdout;
  await expect.poll(repositories, { timeout: 20_000 }).not.toMatch(/^127\.0\.0\.1:\d+\/imgc-load$/m);
});

test("run builds, loads and runs the image, and exits with the container's code", async () => {
  const { stdout } = await imgc("run", spec("two"), "--", "-n", "-r", '"said inside"');
  expect(stdout).toBe("said inside\n");
  expect((await failure(imgc("run", spec("two"), "--", "-n", '"7" | halt_error(7)'))).code).toBe(7);
});

test("the next load removes names left by a killed load, and no others", async () => {
  const [left, other] = ["127.0.0.1:1/imgc-load:left", `127.0.0.1:1/other/${name}:v1`];
  await tool("podman", ["tag", `${name}:v1`, left]);
  await tool("podman", ["tag", `${name}:v1`, other]);
  await imgc("load", spec("two"));
  const { stdout } = await tool("podman", ["images", "--format", "{{.Repository}}:{{.Tag}}"]);
  const names = stdout.split("\n").filter((each) => each.startsWith("127.0.0.1:"));
  await tool("podman", ["rmi", other]);
  expect(names).toContain(other);
  expect(names).not.toContain(left);
});
