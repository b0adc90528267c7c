import { join } from "node:path";
import { expect, test } from "vitest";
import { build, files, folder, imgc, loadLayout, podman, tool } from "./tools.ts";

test("a first description of a Python application builds and runs as it is", async () => {
  const app = join(folder(), "shop");
  const hello = 'import flask, os\nprint(flask.Flask("shop").name, os.getuid(), os.getcwd())\n';
  files({ "app.py": hello, "requirements.txt": "flask\n" }, app);
  const spec = join(app, "image.imgspec");
  await imgc("init", "--from", "python", spec);
  const { path } = await build(spec, { attribute: "oci" });
  expect((await podman(await loadLayout(path))).stdout).toBe("shop 1000 /app\n");
});

test("one of a web site builds, and serves it", async () => {
  const site = join(folder(), "site");
  files({ "public/index.html": "<p>Hello.\n" }, site);
  const spec = join(site, "image.imgspec");
  await imgc("init", "--from", "static", spec);
  const { path } = await build(spec, { attribute: "oci" });
  const image = await loadLayout(path);
  const { stdout } = await tool("podman", ["image", "inspect", "--format", "{{json .Config.Entrypoint}}", image]);
  const [httpd = "", ...rest] = JSON.parse(stdout) as string[];
  expect(rest).toEqual(["-f", "-p", "8080", "-h", "/srv"]);
  const busybox = httpd.replace(/httpd$/, "busybox");
  const talk = "httpd -p 8080 -h /srv && wget -q -O - http://127.0.0.1:8080/";
  expect((await podman(image, ["sh", "-c", talk], ["--entrypoint", busybox])).stdout).toBe("<p>Hello.\n");
});
