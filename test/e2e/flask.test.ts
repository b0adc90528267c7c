import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { build, EXAMPLES, loadLayout, podman, tool, verified } from "./tools.ts";

const FLASK = join(EXAMPLES, "flask.imgspec");
const ASK =
  "import urllib.request, sys; print(urllib.request.urlopen('http://127.0.0.1:8080' + sys.argv[1]).read().decode())";

test("a Flask app under gunicorn answers over loopback inside its container", async () => {
  const { path } = await build(FLASK, { attribute: "oci" });
  await verified(path);
  const image = await loadLayout(path);
  const id = (await podman(image, [], ["--detach"])).stdout.trim();
  onTestFinished(async () => void (await tool("podman", ["--runtime", "runc", "rm", "--force", "--time", "1", id])));

  const ask = async (from: string) => {
    const python = (await tool("podman", ["inspect", "--format", "{{index .Config.Entrypoint 0}}", image])).stdout;
    const interpreter = python.trim().replace(/gunicorn$/, "python3");
    return (await tool("podman", ["--runtime", "runc", "exec", id, interpreter, "-c", ASK, from])).stdout;
  };
  let answer = "";
  for (let i = 0; i < 60 && answer === ""; i++) {
    await sleep(500);
    answer = await ask("/").catch(() => "");
  }
  expect(answer).toBe("Hello from a container.\n\n");
  expect(JSON.parse(await ask("/health"))).toEqual({ ok: true });
});
