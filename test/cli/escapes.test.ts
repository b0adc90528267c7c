/** In all commands, controls in file names, descriptions and images reach neither a terminal nor GitHub's runner. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { checksums } from "../../src/image/checksums.ts";
import { documents } from "../../src/image/image-directory.ts";
import { folder } from "../e2e/tools.ts";
import { UNPRINTABLE } from "../fuzz/unprintable.ts";
import { makeImage } from "../serve/image.ts";
import { run, runHere } from "./run.ts";

const HOSTILE = "a\n::error::x##[error]y\u001b[31m\u202e\u2028\u0085\u009bg<!--<script>";
/** For JSON documents only: a lone surrogate, and characters that no file name can have. */
const SURROGATE = String.raw`\ud800<\/script>`;
/** A PATH without tools: commands report that Nix, skopeo and podman are missing. */
const PATH = folder();

let at = "";
const place = (name: string) => join(HOSTILE, name);

beforeAll(async () => {
  at = folder();
  mkdirSync(join(at, HOSTILE));
  const write = (name: string, content: string) => writeFileSync(join(at, HOSTILE, name), content);
  write("good.imgspec", 'image "a" {\n  tag "v1"\n  packages [ hello ]\n}\n');
  write("pinned.imgspec", 'image "a" {\n  base registry "127.0.0.1:1/x:y"\n}\n');
  write("bad.imgspec", `image "${HOSTILE.replace("\n", "")}" {\n  ${HOSTILE}\n}\n`);
  mkdirSync(join(at, HOSTILE, "locked"));
  write("locked/a.imgspec", 'image "a" { }\n');
  write("locked/imgc.lock", HOSTILE);
  const link = (name: string, to: string) => symlinkSync(to, join(at, HOSTILE, name));
  const image = { layers: { app: { data: "data" } }, algorithm: "none" } as const;
  link("base", await makeImage(at, "base", image));
  link("odd", await makeImage(at, "odd", { ...image, layers: { odd: { data: "data", [HOSTILE]: "more" } } }));
  const claims = await makeImage(at, "claims", image);
  const escaped = JSON.stringify(HOSTILE).slice(1, -1);
  for (const name of ["config.json", "image.json", "layers/000.json"]) {
    const document = readFileSync(join(claims, name), "utf8");
    writeFileSync(
      join(claims, name),
      document.replaceAll(/(?<=")(amd64|test\/app|app)(?=")/g, (word) => word + escaped + SURROGATE),
    );
  }
  writeFileSync(join(claims, "SHA256SUMS"), checksums(claims, documents(claims)));
  link("claims", claims);
});

const specs = ["good", "pinned", "bad", "locked/a", "missing"].map((name) => place(`${name}.imgspec`));
const images = ["odd", "claims", "missing"].map(place);
const commands: string[][] = [
  ...specs.flatMap((spec) => [
    ["check", spec],
    ["fmt", "--check", spec],
    ["compile", spec, "-o", place("out.nix")],
    ["build", spec],
    ["lock", spec],
    ["plan", spec],
  ]),
  ...images.flatMap((image) => [
    ["plan", image],
    ["plan", image, "--why", HOSTILE],
    ["plan", image, "--html", place("page.html")],
    ["verify", image],
    ["verify", "--json", image],
    ["diff", image, place("base")],
    ["diff", "--json", image, place("base")],
    ["sbom", image],
    ["sbom", "--format", "cyclonedx", image],
    ["push", "--dry-run", image, "127.0.0.1:1/a"],
    ["export", image, "--to", "oci", "-o", place("layout")],
    ["export", image, "--to", "docker-archive", "-o", place("out.tar")],
    ["push", image, "127.0.0.1:1/a"],
    ["load", image, "--into", "podman"],
  ]),
  ...["pretty", "json", "sarif", "github"].map((format) => ["check", "--format", format, place("bad.imgspec")]),
  ["fmt", "--diff", place("bad.imgspec")],
  ["check", "--packages", place("good.imgspec")],
  ["compile", place("good.imgspec"), "--flake", place("flake")],
  ["push", place("odd"), HOSTILE],
  ["init", place("new.imgspec"), "--from", "nix", "--package", "hello"],
  ["init", place("good.imgspec"), "--from", "nix"],
  ["init", "other.imgspec", "--from", "nix", "--name", HOSTILE],
  ["serve", place("missing")],
  ["serve", place("odd"), "--listen", HOSTILE],
  ["explain", HOSTILE],
  ["completion", HOSTILE],
  [HOSTILE],
];

/** `imgc sbom` pipes its output, which ends only with a real standard output: run it as a process. */
const isPiping = ([command]: string[]) => command === "sbom";

test("no command prints controls, or fails without a message", async () => {
  const wrong: unknown[] = [];
  for (const args of commands) {
    const surroundings = { cwd: at, env: { PATH } };
    const { status, stdout, stderr } = isPiping(args) ? run(args, surroundings) : await runHere(args, surroundings);
    const output = stdout + stderr;
    const isRaw = UNPRINTABLE.test(output) || /^\s*::error::x|##\[|\p{Cs}/mu.test(output);
    const isSilent = status !== 0 && output === "";
    if (isRaw || isSilent || ![0, 1, 2, 3].includes(status ?? -1) || output.includes("bug in imgc"))
      wrong.push({ args, status, output });
  }
  expect(wrong).toEqual([]);
  const page = readFileSync(join(at, place("page.html")), "utf8");
  // The two script elements of the page itself.
  expect(page.match(/<\/script|<!--/gi)).toEqual(["</script", "</script"]);
});
