/** `imgc init` in a made-up project of each kind; the unchanged description builds, and the container serves. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  buildText,
  cleanUp,
  CONTAINERS,
  files,
  folder,
  IMGC,
  imgc,
  LIMITS,
  loadLayout,
  podman,
  tool,
} from "../e2e/tools.ts";
import { onImages } from "../../src/publish/engine-images.ts";

const FLASK = 'from flask import Flask\napi = Flask(__name__)\n@api.get("/")\ndef hello(): return "from flask"\n';
const SET = join(import.meta.dirname, "../nixpkgs");

/** The files of each project, by the answer of its server. */
const PROJECTS: Record<string, { sign: string; port: number; files: Record<string, string> }> = {
  "from gunicorn": {
    sign: "requirements.txt",
    port: 8000,
    files: { "requirements.txt": "flask\ngunicorn\n", "app.py": FLASK.replace('from flask"', 'from gunicorn"') },
  },
  "from flask": {
    sign: "pyproject.toml",
    port: 8000,
    files: {
      "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["flask"]\n',
      // A package, whose modules import each other by its name.
      "app/__init__.py": "",
      "app/views.py": FLASK,
      "app/main.py": "from flask import Flask\nimport app.views\ndef create_app(): return app.views.api\n",
    },
  },
  "from node": {
    sign: "package.json",
    port: 8000,
    files: {
      "package.json": '{ "scripts": { "start": "node server.js" }, "dependencies": { "greet": "file:greet" } }',
      "package-lock.json": JSON.stringify({
        lockfileVersion: 3,
        packages: {
          "": { dependencies: { greet: "file:greet" } },
          greet: {},
          "node_modules/greet": { resolved: "greet", link: true },
        },
      }),
      "greet/index.js": 'module.exports = "from node";\n',
      "server.js": 'require("node:http").createServer((_, answer) => answer.end(require("greet"))).listen(8000);\n',
    },
  },
  "from go": {
    sign: "go.mod",
    port: 8000,
    files: {
      "go.mod": "module example.org/shop/v2\n\ngo 1.19\n",
      "main.go": `package main

import (
	"fmt"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprint(answer, "from go") })
	http.ListenAndServe(":8000", nil)
}
`,
    },
  },
  "from rust": {
    sign: "Cargo.toml",
    port: 8000,
    files: {
      "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n',
      "Cargo.lock": 'version = 3\n\n[[package]]\nname = "shop"\nversion = "0.1.0"\n',
      "src/main.rs": `use std::io::{Read, Write};

fn main() {
    for stream in std::net::TcpListener::bind("0.0.0.0:8000").unwrap().incoming() {
        let mut stream = stream.unwrap();
        stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nfrom rust").unwrap();
    }
}
`,
    },
  },
  "from pages": { sign: "index.html", port: 8080, files: { "index.html": "from pages" } },
  "from a flake": {
    sign: "flake.nix",
    port: 8000,
    files: {
      "flake.nix": `{
        inputs.nixpkgs.url = "path:${SET}";
        outputs = { nixpkgs, ... }: {
          packages.x86_64-linux.default =
            let pkgs = import nixpkgs { system = "x86_64-linux"; }; in
            pkgs.runCommand "shop-1.0" { } ''
              mkdir -p $out/bin
              printf '#!%s\\nexec %s/bin/httpd -f -p 8000 -h %s\\n' \${pkgs.bash}/bin/sh \${pkgs.busybox} \${./site} > $out/bin/shop
              chmod 755 $out/bin/shop
            '';
        };
      }`,
      "site/index.html": "from a flake",
    },
  },
};

test.each(Object.entries(PROJECTS))("the description of a project serves %j", async (answer, project) => {
  const root = join(folder(), "shop");
  files(project.files, root);
  const spec = join(root, "image.imgspec");
  expect((await imgc("init", spec)).stderr).toMatch(new RegExp(`^Found ${project.sign}: `));
  if (project.sign === "flake.nix") await tool("nix", ["flake", "lock", root]);
  expect((await imgc("check", "--deny-warnings", spec)).stderr).toBe("");

  const { stdout: loaded } = await tool(process.execPath, [IMGC, "load", spec, "--into", "podman"], CONTAINERS);
  const image = loaded.trim();
  cleanUp(async () => void (await onImages("podman", ["rmi", "--force", image])));
  const id = (await podman(image, [], ["--detach"])).stdout.trim();
  onTestFinished(async () => void (await tool("podman", ["--runtime", "runc", "rm", "--force", "--time", "1", id])));
  const beside = ["--runtime", "runc", "run", "--rm", "--network", `container:${id}`, ...LIMITS, await client()];
  const retries = ["--silent", "--fail", "--retry", "20", "--retry-delay", "1", "--retry-connrefused"];
  const { stdout } = await tool("podman", [...beside, ...retries, `http://127.0.0.1:${project.port}/`]);
  expect(stdout).toBe(answer);
  const { stdout: user } = await tool("podman", ["inspect", "--format", "{{.Config.User}}", id]);
  expect(user.trim()).toBe("1000:1000");
});

let curl: Promise<string> | undefined;
function client(): Promise<string> {
  const spec = 'image "client" { packages [ curl ] config { entrypoint [ "/bin/curl" ] } }';
  curl ??= buildText(spec, { attribute: "oci" }).then(({ path }) => loadLayout(path));
  return curl;
}
