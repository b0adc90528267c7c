import { expect, test } from "vitest";
import { check } from "../../../src/language/index.ts";
import { hostOf } from "../host.ts";

const files: [name: string, language: RegExp, advice: RegExp, text: string][] = [
  [
    "Dockerfile",
    /a Dockerfile/,
    /imgc import --from dockerfile FILE/,
    'FROM debian:12\nRUN apt-get update && \\\n  apt-get install -y curl\nENV A=b\nEXPOSE 80\nCMD ["bash"]\n',
  ],
  [
    "Containerfile",
    /a Dockerfile/,
    /imgc import --from dockerfile FILE/,
    "# syntax=docker/dockerfile:1\nARG BASE=alpine\nfrom $BASE\ncopy . /app\nuser 1000\n",
  ],
  [
    "compose.yaml",
    /a Compose file/,
    /Dockerfile that its `build` names/,
    'services:\n  web:\n    build: .\n    ports:\n      - "8080:80"\n    environment:\n      A: b\n',
  ],
  [
    "kubernetes.yaml",
    /a Kubernetes manifest/,
    /imgc init/,
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: nginx\n      ports:\n        - containerPort: 80\n",
  ],
  [
    "apko.yaml",
    /an apko file/,
    /imgc import --from apko FILE/,
    "contents:\n  repositories:\n    - https://packages.example.org/os\n  packages:\n    - wolfi-base\nentrypoint:\n  command: /bin/sh\narchs:\n  - x86_64\n",
  ],
  [
    "other.yaml",
    /YAML/,
    /imgc init/,
    "name: ci\non: push\njobs:\n  test:\n    runs-on: ubuntu\n    steps:\n      - run: make\n",
  ],
  [
    "devcontainer.json",
    /a devcontainer\.json file/,
    /imgc init/,
    '{\n  "image": "debian",\n  "features": {},\n  "remoteUser": "dev"\n}\n',
  ],
  [
    "config.json",
    /a document of an OCI image in JSON/,
    /base layout/,
    '{"architecture":"amd64","os":"linux","config":{"Cmd":["sh"]},"rootfs":{"type":"layers","diff_ids":[]}}\n',
  ],
  ["package.json", /JSON/, /imgc init/, '{\n  "name": "shop",\n  "version": "1.0.0"\n}\n'],
  [
    "default.nix",
    /a Nix expression/,
    /imgc import --from nix FILE/,
    '{ pkgs ? import <nixpkgs> { } }:\npkgs.dockerTools.buildImage {\n  name = "a";\n  copyToRoot = [ pkgs.hello ];\n}\n',
  ],
  [
    "let.nix",
    /a Nix expression/,
    /imgc import --from nix FILE/,
    'let\n  pkgs = import <nixpkgs> { };\nin\npkgs.dockerTools.buildLayeredImage { name = "a"; }\n',
  ],
  [
    "attributes.nix",
    /a Nix expression/,
    /imgc import --from nix FILE/,
    '{\n  name = "a";\n  contents = with pkgs; [ bash ];\n}\n',
  ],
  [
    "flake.nix",
    /a Nix flake/,
    /with the file that makes the image/,
    '{\n  description = "shop";\n  inputs.nixpkgs.url = "nixpkgs";\n  outputs = { nixpkgs, self }: { };\n}\n',
  ],
  ["Cargo.toml", /TOML/, /imgc init/, '[package]\nname = "shop"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1"\n'],
  ["build.sh", /a shell script/, /in a derivation/, "#!/usr/bin/env bash\nset -eu\ndocker build -t shop .\n"],
  ["steps", /a shell script/, /in a derivation/, "export A=b\nmkdir -p /app\ncp -r src /app\n"],
  ["pom.xml", /XML/, /imgc init/, '<?xml version="1.0"?>\n<project>\n  <name>shop</name>\n</project>\n'],
  ["page.html", /XML/, /imgc init/, "<!doctype html>\n<html><body></body></html>\n"],
  [
    "UTF-16",
    /text in UTF-16/,
    /save the file as UTF-8/,
    `\ufffd\ufffd${Array.from('image "a" { }\n', (each) => `${each}\0`).join("")}`,
  ],
  [
    "UTF-16, the high byte first",
    /text in UTF-16/,
    /save the file as UTF-8/,
    Array.from('image "a" { }\n', (each) => `\0${each}`).join(""),
  ],
  [
    "a program",
    /a binary file/,
    /text file/,
    "\u007fELF\u0002\u0001\u0001\0\0\0\0\0\0\0\0\0\u0003\0>\0\u0001\0\0\0\ufffd\u0010\0\0",
  ],
];

test.each(files)("%s", (_, language, advice, text) => {
  const { diagnostics, spec } = check({ path: "/a.imgspec", text }, hostOf());
  expect(diagnostics.map(({ code }) => code)).toEqual(["other-language"]);
  expect(diagnostics[0]?.message).toMatch(language);
  expect(diagnostics[0]?.message).toMatch(advice);
  expect(spec).toBeUndefined();
});

test("an empty file is reported once", () => {
  for (const text of ["", "\n\n", "# a comment\n", "\ufeff"]) {
    const { diagnostics } = check({ path: "/a.imgspec", text }, hostOf());
    expect(diagnostics.map(({ code }) => code)).toEqual(["empty-file"]);
  }
});

test.each([
  'imge "a" {\n  packages [ hello ]\n}\n',
  'packages [ hello ]\ntag "v1"\n',
  "let tools = [ hello ]\nlet more = [ $tools jq ]\npackages: $more\n",
  'image: "a"\n{\n  tag = "v1"\n}\n',
])("a wrong description is not another language: %j", (text) => {
  const { diagnostics } = check({ path: "/a.imgspec", text }, hostOf());
  expect(diagnostics.map(({ code }) => code)).not.toContain("other-language");
});
