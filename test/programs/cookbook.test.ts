/** docs/cookbook.md: the descriptions build, all together, and their expectations hold in containers. */
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ociLayout } from "../e2e/base-images.ts";
import { CONTAINERS, files, folder, imgc, IMGC, registry, tool } from "../e2e/tools.ts";

const PAGE = join(import.meta.dirname, "../../docs/cookbook.md");
const EXAMPLE = join(import.meta.dirname, "../../examples/nix-ci/greet");

/** The first description of each task, by the task's title. */
function tasks(): Map<string, string> {
  const sections = readFileSync(PAGE, "utf8").split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [title = ""] = section.split("\n", 1);
      return [title, /^```imgspec\n(.*?)^```$/ms.exec(section)?.[1] ?? ""];
    }),
  );
}

/** The files that the descriptions copy. */
const FILES = {
  "www/index.html": "<p>Cookbook</p>\n",
  "python/app.py": 'from flask import Flask\napp = Flask(__name__)\n@app.get("/")\ndef index(): return "hello"\n',
  "node/package.json": '{ "dependencies": { "ready": "file:ready" } }',
  "node/package-lock.json": JSON.stringify({
    lockfileVersion: 3,
    packages: { "node_modules/ready": { resolved: "ready", link: true }, ready: {} },
  }),
  "node/ready/index.js": 'module.exports = "ready";\n',
  "node/server.js":
    'const ready = require("ready");\nif (process.argv[2] === "--check") console.log(ready);\nelse require("node:http").createServer((_, answer) => answer.end(ready)).listen(3000);\n',
  "go/go.mod": "module example.org/server\n\ngo 1.19\n",
  "go/main.go": 'package main\n\nimport "os"\n\nfunc main() { os.Stdout.WriteString("hello\\n") }\n',
  "app/server.js": "console.log(Object.keys(process.env).length);\n",
  "app/.env": "PASSWORD=1234\n",
  "app/key.pem": "secret\n",
};

/** The images by name, and their results. */
let results: Map<string, string>;
let spec: string;

beforeAll(async () => {
  const at = folder();
  files(FILES, at);
  cpSync(EXAMPLE, join(at, "ci"), { recursive: true });
  const base = { "etc/legacy.conf": "old\n", "etc/kept.conf": "kept\n" };
  const layout = ociLayout(folder(), { layers: [base] });
  execFileSync("tar", ["-C", layout, "-cf", join(at, "base.tar"), "."]);
  spec = files({ "cookbook.imgspec": [...tasks().values()].join("\n") }, at);
  const built = await tool(process.execPath, [IMGC, "build", spec, "--json", "--out-link", join(at, "result")]);
  const { images } = JSON.parse(built.stdout) as { images: { name: string; output: string }[] };
  results = new Map(images.map(({ name, output }) => [name, output]));
});

const document = (name: string, file: string): unknown =>
  JSON.parse(readFileSync(join(results.get(name) ?? "", file), "utf8"));

test("there are tasks, each with a description and a command", () => {
  const page = readFileSync(PAGE, "utf8");
  expect(tasks().size).toBeGreaterThanOrEqual(15);
  for (const [title, description] of tasks()) {
    expect(description, title).toContain('image "');
    const section = page.slice(page.indexOf(`## ${title}`)).split("\n## ", 1)[0] ?? "";
    expect(section, title).toMatch(/^```sh\nimgc |\nimgc /m);
    const anchor = title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-");
    expect(page).toContain(`- [${title}](#${anchor})`);
  }
});

/** The images whose description has a command that must succeed in a container. */
function runnable(): string[] {
  return [...tasks().values()].flatMap((text) => {
    const [, name = ""] = /^image "(.*?)"/m.exec(text) ?? [];
    return /^ +(?:expect \{ )?run \[/m.test(text) ? [name] : [];
  });
}

test("commands of the descriptions succeed in containers", async () => {
  expect(runnable()).toContain("cookbook/user");
  for (const name of runnable()) {
    const { stdout } = await tool(process.execPath, [IMGC, "verify", results.get(name) ?? name], CONTAINERS);
    expect(stdout, name).toContain("OK: all digests match");
  }
});

test("children have the layers of their base, and a debug variant those of the service", () => {
  const layers = (name: string) =>
    (document(name, "manifest.json") as { layers: { digest: string }[] }).layers.map(({ digest }) => digest);
  for (const [child, base] of [
    ["cookbook/query", "cookbook/base"],
    ["cookbook/fetch", "cookbook/base"],
    ["cookbook/service-debug", "cookbook/service"],
  ] as const)
    expect(layers(child).slice(0, layers(base).length)).toEqual(layers(base));
});

test("the config has a user's ids, a health check and a stop signal", () => {
  const config = (name: string) => (document(name, "config.json") as { config: Record<string, unknown> }).config;
  expect(config("cookbook/user")["User"]).toBe("1000:1000");
  expect(config("cookbook/health")).toMatchObject({ StopSignal: "SIGINT", Healthcheck: { Retries: 3 } });
});

test("plan names the references that bring a path into an image, and push attaches a bill of materials", async () => {
  const { stdout } = await imgc("plan", spec, "--image", "cookbook/small", "--why", "glibc");
  expect(stdout).toMatch(/jq[^]*glibc/);
  const path = results.get("registry.example.org/cookbook/shop") ?? "";
  const target = `${await registry()}/cookbook/shop:1.0.0`;
  const pushed = await tool(process.execPath, [IMGC, "push", path, target, "--sbom", "--insecure"]);
  expect(pushed.stdout + pushed.stderr).toMatch(/sha256:[0-9a-f]{64}/);
});
