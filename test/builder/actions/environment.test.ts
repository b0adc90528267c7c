import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { environment } from "../../../src/builder/actions/environment.ts";
import { ShellFile } from "../../../src/image/shell-file.ts";
import { SHELL_SCRIPT } from "../../../src/builder/shell-script.ts";

let top: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "imgc-env-"));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(top, { recursive: true });
  });
  vi.stubEnv("NIX_BUILD_TOP", top);
  vi.stubEnv("NIX_STORE", "/nix/store");
});

const OUT = "/nix/store/00000000000000000000000000000000-tool";
const ORIGINAL = {
  builder: "/bin/bash",
  args: ["-e", "builder.sh"],
  name: "tool",
  system: "x86_64-linux",
  outputs: { out: OUT },
};

const written = (): ShellFile => ShellFile.parse(JSON.parse(readFileSync(join(top, "out"), "utf8")));

test("each attribute is a variable, and those of `passAsFile` are files, with the paths of the package", () => {
  writeFileSync(join(top, ".attr-0"), `prefix=${join(top, "out")}\n`);
  const variables = {
    imgc: JSON.stringify(ORIGINAL),
    out: join(top, "out"),
    flags: `--prefix=${join(top, "out")}`,
    passAsFile: "script",
    scriptPath: join(top, ".attr-0"),
    PATH: "/path-not-set",
    HOME: "/homeless-shelter",
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  environment();
  const { env, files } = written();
  expect(env).toMatchObject({
    builder: "/bin/bash",
    name: "tool",
    system: "x86_64-linux",
    out: OUT,
    flags: `--prefix=${OUT}`,
    scriptPath: "/build/.attr-script",
    NIX_BUILD_TOP: "/build",
    TMPDIR: "/build",
    IN_NIX_SHELL: "impure",
    BASH_ENV: SHELL_SCRIPT,
  });
  for (const name of ["PATH", "HOME", "imgc", "NIX_LOG_FD"]) expect(env).not.toHaveProperty(name);
  expect(files["/build/.attr-script"]).toBe(`prefix=${OUT}\n`);
  expect(Object.keys(files).toSorted()).toEqual([SHELL_SCRIPT, "/build/.attr-script"].toSorted());
});

test("structured attributes are two files, without imgc's own attribute", () => {
  const outputs = { out: join(top, "out") };
  const attributes = { name: "imgc-tool", builder: "/node", list: ["a", join(top, "out")], outputs };
  writeFileSync(join(top, ".attrs.json"), JSON.stringify({ ...attributes, imgc: JSON.stringify(ORIGINAL) }));
  const declarations = [
    "declare builder='/node'",
    "declare imgc='{ }'",
    "declare -a list=('a' )",
    "declare name='imgc-tool'",
  ];
  writeFileSync(join(top, ".attrs.sh"), `${declarations.join("\n")}\n`);
  environment();
  const { env, files } = written();
  expect(env).toMatchObject({ NIX_ATTRS_SH_FILE: "/build/.attrs.sh", NIX_ATTRS_JSON_FILE: "/build/.attrs.json" });
  expect(JSON.parse(files["/build/.attrs.json"] ?? "")).toEqual({
    name: "tool",
    builder: "/bin/bash",
    system: "x86_64-linux",
    list: ["a", OUT],
    outputs: { out: OUT },
  });
  expect(files["/build/.attrs.sh"]).toBe("declare builder='/bin/bash'\ndeclare -a list=('a' )\ndeclare name='tool'\n");
});
