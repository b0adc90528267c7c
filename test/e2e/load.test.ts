import { chmodSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { cleanUp, failure, files, folder, IMGC, tool } from "./tools.ts";

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

/** What containers need on any machine that the tests run on. */
const env: Record<string, string> = {};
const imgc = (...args: string[]) => tool(process.execPath, [IMGC, ...args], env);

beforeAll(() => {
  env["CONTAINERS_CONF"] = files({
    "containers.conf": `[engine]
runtime = "runc"
[containers]
netns = "none"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
`,
  });
  cleanUp(() => tool("podman", ["rmi", "--force", `${name}:v1`]));
});

test("load moves what podman lacks: everything, nothing, then the layer that changed", async () => {
  const first = await imgc("load", spec("one"));
  expect(first.stdout).toBe(`${name}:v1\n`);
  const { stdout } = await tool("podman", ["run", "--rm", `${name}:v1`, "-n", "6 * 7"], env);
  expect(stdout).toBe("42\n");
  expect((await imgc("load", spec("one"))).stderr).toMatch(/: 0 of \d layers moved$/m);
  expect((await imgc("load", spec("two"))).stderr).toMatch(/: 1 of \d layers moved, \d/);
  // Nothing of the way it came is left.
  expect((await tool("podman", ["images", "--format", "{{.Repository}}"])).stdout).not.toContain("127.0.0.1");
});

test("run builds, loads and runs, and ends as the container does", async () => {
  const { stdout } = await imgc("run", spec("two"), "--", "-n", "-r", '"said inside"');
  expect(stdout).toBe("said inside\n");
  expect((await failure(imgc("run", spec("two"), "--", "-n", '"7" | halt_error(7)'))).code).toBe(7);
});

test("docker is used where podman is not, or when it is asked for", async () => {
  const shims = folder();
  // Stands in for Docker's command line, of which `pull`, `tag` and `rmi` are used: it takes plain HTTP on loopback.
  const docker = files(
    {
      docker: `#!/bin/bash\ncase $1 in pull) exec podman pull --tls-verify=false "\${@:2}";; *) exec podman "$@";; esac\n`,
    },
    shims,
  );
  chmodSync(docker, 0o755);
  const own = { ...env, PATH: `${shims}:${process.env["PATH"]}` };
  const { stderr } = await tool(process.execPath, [IMGC, "load", spec("two"), "--into", "docker"], own);
  expect(stderr).toContain(`docker has ${name}:v1: 0 of `);
  const none = await failure(tool(process.execPath, [IMGC, "load", spec("two"), "--into", "docker"], env));
  expect([none.code, none.stderr]).toEqual([3, expect.stringContaining("imgc: docker")]);
});
