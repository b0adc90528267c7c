import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { format } from "../../src/format/format.ts";
import { detectKinds, inspectProject } from "../../src/init/project.ts";
import { specText } from "../../src/init/spec-text.ts";

function project(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "imgc-project-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** The description of a folder, as `imgc init` writes it. */
async function described(files: Record<string, string>): Promise<string> {
  const folder = project(files);
  const kind = detectKinds(folder)[0]?.kind;
  if (kind === undefined) return "";
  const path = join(folder, "image.imgspec");
  return (await format({ path, text: specText(inspectProject(folder, kind, { name: "shop" }), true) })).text.replaceAll(
    /\s+/g,
    " ",
  );
}

test("a Flask application is served by gunicorn if the project requires it", async () => {
  const text = await described({
    "app.py": "from flask import Flask\napi = Flask(__name__)\n",
    "requirements.txt": "Flask>=3\ngunicorn\n# comment\n-r other.txt\n",
  });
  expect(text).toContain("nix ''python3.withPackages (p: [ p.flask p.gunicorn ])''");
  expect(text).toContain('"-m" "gunicorn" "--bind" "0.0.0.0:8000" "app:api"');
  expect(text).toContain("expose [ 8000/tcp ]");
});

test("FastAPI is served by uvicorn, with dependencies of pyproject.toml", async () => {
  const text = await described({
    "pyproject.toml":
      '[project]\nname = "x"\ndependencies = [\n  "fastapi>=0.100", # web\n  "uvicorn[standard]",\n]\n[tool.x]\ndependencies = ["no"]\n',
    "main.py": "import fastapi\napp = fastapi.FastAPI()\n",
  });
  expect(text).toContain("[ p.fastapi p.uvicorn ]");
  expect(text).toContain('"-m" "uvicorn" "main:app"');
});

test("a Python package keeps its name, and a factory makes the application", async () => {
  const source = "from flask import Flask\ndef create_app(settings=None):\n  return Flask(__name__)\n";
  const text = await described({
    "requirements.txt": "flask\nwaitress\n",
    "app/__init__.py": "",
    "app/main.py": source,
  });
  expect(text).toMatch(/"\/app\/app"\s+copy \.\/app/);
  expect(text).toContain('"-m" "waitress" "--listen=0.0.0.0:8000" "--call" "app.main:create_app"');
  const needs = source.replace("=None", "");
  expect(await described({ "requirements.txt": "flask\n", "app.py": needs })).toContain('"/app/app.py"');
  const plain = await described({ "setup.py": "", "app/__init__.py": "", "app/main.py": "print(1)\n" });
  expect(plain).toContain('"-m" "app.main"');
});

test("FastAPI gets a server, since it brings none", async () => {
  const text = await described({ "requirements.txt": "fastapi\n", "app.py": "app = FastAPI()\n" });
  expect(text).toContain("[ p.fastapi p.uvicorn ]");
  expect(text).toContain('"-m" "uvicorn" "app:app"');
});

test("a command of pyproject.toml runs; without any file to run, a comment says so", async () => {
  const toml = '[project]\nname = "x"\n\n[project.scripts]\n# The tool.\nshop = "shop.cli:main"\n';
  const text = await described({ "pyproject.toml": toml, "src/shop/cli.py": "" });
  expect(text).toContain('"-c" "import sys; from shop.cli import main; sys.exit(main())"');
  expect(text).not.toContain("No file to run");
  expect(await described({ "setup.py": "", "src/shop.py": "" })).toContain("# No file to run was found. Name it here:");
});

test("Django is found by manage.py", async () => {
  const text = await described({
    "manage.py": 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
    "requirements.txt": "django\n",
  });
  expect(text).toContain('"manage.py" "runserver" "0.0.0.0:8000"');
  expect(text).toMatch(/"\/app" copy \.\/\./);
});

test("Node.js runs the file of `start`, and links the dependencies of the lock", async () => {
  const start = '{ "scripts": { "start": "node ./src/server --port=80" }, "dependencies": { "express": "5" } }';
  const text = await described({ "package.json": start, "package-lock.json": "{}", "src/server.js": "" });
  expect(text).toContain('entrypoint [ "${nodejs}/bin/node" "src/server.js" "--port=80" ]');
  expect(text).toContain("importNpmLock.buildNodeModules");
  expect(text).toMatch(/"\/app\/node_modules"\s+link "\$\{\$modules\}\/node_modules"/);
  const plain = await described({ "package.json": '{ "main": "dist/x.js" }', "dist/x.js": "" });
  expect(plain).toContain('"/app/x.js"');
  expect(await described({ "package.json": "no JSON", "index.js": "" })).toContain('"/app/index.js"');
});

test("Go and Rust programs are built by Nix", async () => {
  const go = await described({ "go.mod": "module example.org/shop/web\n\ngo 1.24\n", "main.go": "" });
  expect(go).toContain('entrypoint [ "${$app}/bin/web" ]');
  expect(go).toContain("vendorHash = null;");
  const required = await described({ "go.mod": "module x\nrequire y v1.2.3\n", "cmd/serve/main.go": "" });
  expect(required).toContain("vendorHash = lib.fakeHash;");
  expect(required).toContain("/bin/serve");
  const rust = await described({ "Cargo.toml": '[package]\nname = "shop-api"\n', "Cargo.lock": "" });
  expect(rust).toContain("cargoLock.lockFile = ./Cargo.lock;");
  expect(rust).toContain("/bin/shop-api");
  expect(rust).not.toContain("generate-lockfile");
  const named =
    '[package]\nname = "shop"\n\n[dependencies.x]\nname = "y"\n\n[[bin]]\npath = "src/a.rs"\nname = "serve"\n';
  const other = await described({ "Cargo.toml": named });
  expect(other).toContain("/bin/serve");
  expect(other).toContain("# Nix needs Cargo.lock: run `cargo generate-lockfile`.");
  expect(await described({ "go.mod": "module example.org/shop/v2\n" })).toContain("/bin/shop");
});

test("a flake, static pages, and a folder that tells nothing", async () => {
  expect(await described({ "flake.nix": "{ }", "package.json": "{}" })).toContain("builtins.getFlake (toString ./.)");
  expect(await described({ "public/index.html": "" })).toMatch(/"\/srv"\s+copy \.\/public/);
  expect(await described({ "index.html": "", "style.css": "" })).toMatch(
    /"\/srv"\s+copy \.\/\. \{ exclude \[ "\*\.imgspec" \] \}/,
  );
  expect(await described({ "flake.nix": "{ inputs.x.url = 1; }" })).toContain("run `nix flake lock`");
  expect(detectKinds(project({ "main.py": "", "requirements.txt": "", "index.html": "" }))).toEqual([
    { kind: "python", sign: "requirements.txt" },
    { kind: "static", sign: "index.html" },
  ]);
  expect(detectKinds(project({ "README.md": "" }))).toEqual([]);
});
