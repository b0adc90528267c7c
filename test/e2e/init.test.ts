import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { build, EXAMPLES, files, folder, imgc, LIMITS, loadLayout, podman, tool } from "./tools.ts";

test("a first description of a Python application builds and runs unchanged", async () => {
  const app = join(folder(), "shop");
  const hello = 'import flask, os\nprint(flask.Flask("shop").name, os.getuid(), os.getcwd())\n';
  files({ "app.py": hello, "requirements.txt": "flask\n" }, app);
  const spec = join(app, "image.imgspec");
  await imgc("init", "--from", "python", spec);
  const { path } = await build(spec, { attribute: "oci" });
  expect((await podman(await loadLayout(path))).stdout).toBe("shop 1000 /app\n");
});

test("a first description of a web site builds and serves", async () => {
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

test("a folder's own files are enough: a Flask server, a Node.js server, and a flake", async () => {
  const flask = join(folder(), "api");
  const python = 'from flask import Flask\napi = Flask("api")\n@api.get("/")\ndef hello(): return "from flask"\n';
  files({ "app.py": python, "requirements.txt": "flask\ngunicorn\n" }, flask);
  const node = join(folder(), "web");
  const server = 'require("node:http").createServer((_, answer) => answer.end("from node")).listen(8000);\n';
  files({ "package.json": '{ "scripts": { "start": "node server.js" } }', "server.js": server }, node);
  for (const [project, expected] of [
    [flask, "from flask"],
    [node, "from node"],
  ] as const) {
    const spec = join(project, "image.imgspec");
    const { stderr } = await imgc("init", spec);
    expect(stderr).toMatch(/^Found (?:requirements\.txt|app\.py|package\.json): /);
    const image = await loadLayout((await build(spec, { attribute: "oci" })).path);
    const id = (await podman(image, [], ["--detach"])).stdout.trim();
    onTestFinished(async () => void (await tool("podman", ["--runtime", "runc", "rm", "--force", "--time", "1", id])));
    const client = await loadLayout((await build(join(EXAMPLES, "family.imgspec"), { attribute: "fetch.oci" })).path);
    const beside = ["--runtime", "runc", "run", "--rm", "--network", `container:${id}`, ...LIMITS, client];
    const retries = ["--silent", "--fail", "--retry", "20", "--retry-delay", "1", "--retry-connrefused"];
    expect((await tool("podman", [...beside, ...retries, "http://127.0.0.1:8000/"])).stdout).toBe(expected);
  }

  const flake = join(folder(), "flake");
  const made = `builtins.derivation { name = "made"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo made > $out" ]; }`;
  files({ "flake.nix": `{ outputs = _: { packages.x86_64-linux.default = ${made}; }; }` }, flake);
  const spec = join(flake, "image.imgspec");
  await imgc("init", spec);
  const { stderr } = await imgc("check", spec);
  expect(stderr).toBe("");
});
