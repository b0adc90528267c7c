/** Commands that read images, run in this process on images that Nix did not make. */
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { folder } from "../../e2e/tools.ts";
import { makeImage } from "../../serve/image.ts";
import { runHere } from "../run.ts";

let cwd = "";
beforeAll(async () => {
  cwd = folder();
  const image = { algorithm: "none" } as const;
  symlinkSync(await makeImage(cwd, "old", { ...image, layers: { libc: "c", app: "old" } }), join(cwd, "old"));
  symlinkSync(await makeImage(cwd, "new", { ...image, layers: { libc: "c", app2: "new" } }), join(cwd, "new"));
});

test("verify prints a line for a right image, and the findings of a wrong one", async () => {
  const right = await runHere(["verify", "old"], { cwd });
  expect(right).toMatchObject({ status: 0, stderr: "" });
  expect(right.stdout).toMatch(/^old: OK: all digests match\nimage .* 2 layers, 2 store paths/);
  const report = JSON.parse((await runHere(["verify", "--json", "--deep", "old"], { cwd })).stdout) as unknown;
  expect(report).toMatchObject({ layers: 2, findings: [] });
  const broken = await makeImage(folder(), "broken", { layers: { app: "x" } });
  writeFileSync(join(broken, "config.json"), "{}");
  const wrong = await runHere(["verify", broken]);
  expect(wrong.status).toBe(1);
  expect(wrong.stdout + wrong.stderr).toContain("config");
  expect(await runHere(["verify", "nowhere"], { cwd })).toMatchObject({ status: 2 });
});

test("diff prints the layers that changed, as text and as JSON", async () => {
  const { status, stdout } = await runHere(["diff", "old", "new"], { cwd });
  expect(status).toBe(0);
  expect(stdout).toMatch(/layers {2}1 the same, 1 gone, 1 new\n {2}- layer 2 \(app\)/);
  const json = JSON.parse((await runHere(["diff", "--json", "old", "new"], { cwd })).stdout) as unknown;
  expect(json).toMatchObject({ layers: { same: 1 } });
  expect((await runHere(["diff", "old", "old"], { cwd })).stdout).toMatch(/^the same image: sha256:/);
});

test("plan prints the layers, the reason for a path, or a page", async () => {
  expect((await runHere(["plan", "old"], { cwd })).stdout).toMatch(/^test\/app:v1: 2 layers with 2 store paths/);
  expect((await runHere(["plan", "old", "--why", "libc"], { cwd })).stdout).toContain("layer 1 of 2");
  expect(await runHere(["plan", "old", "--why", "glibc"], { cwd })).toMatchObject({ status: 2 });
  expect(await runHere(["plan", "old", "--before", "new"], { cwd })).toMatchObject({ status: 2 });
});

test("sbom and export write files", async () => {
  expect(await runHere(["sbom", "old", "-o", "bill.json"], { cwd })).toMatchObject({ status: 0, stdout: "" });
  expect(JSON.parse(readFileSync(join(cwd, "bill.json"), "utf8"))).toHaveProperty("@graph");
  const exported = await runHere(["export", "old", "--to", "oci", "-o", "layout"], { cwd });
  expect(exported).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/^wrote test\/app:v1 to layout\n/) as string,
  });
  expect(existsSync(join(cwd, "layout/index.json"))).toBe(true);
  for (const options of [
    ["old", "--to", "oci"],
    ["old", "--to", "oci", "-o", "layout"],
    ["old", "new", "--to", "tar", "-o", "x"],
    ["old", "new", "--to", "oci-archive", "-o", "x"],
    ["old", "--to", "tar", "-o", "layout"],
  ])
    expect(await runHere(["export", ...options], { cwd })).toMatchObject({ status: 2 });
});

test("no command writes its output over a description", async () => {
  const spec = 'image "a" { }\n';
  writeFileSync(join(cwd, "a.imgspec"), spec);
  for (const args of [
    ["compile", "a.imgspec", "-o", "a.imgspec"],
    ["sbom", "old", "-o", "a.imgspec"],
    ["plan", "old", "--html", "./a.imgspec"],
    ["export", "old", "--to", "tar", "-o", "a.imgspec"],
  ])
    expect(await runHere(args, { cwd })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("That is the name of a description: name another file.") as string,
    });
  expect(readFileSync(join(cwd, "a.imgspec"), "utf8")).toBe(spec);
});

test("serve refuses an address that it cannot read", async () => {
  for (const address of ["5000", "[::1", "127.0.0.1:99999"])
    expect(await runHere(["serve", "old", "--listen", address], { cwd })).toMatchObject({ status: 2 });
  expect(await runHere(["serve", "nowhere"], { cwd })).toMatchObject({ status: 2 });
});

test("commands without a file print to standard output", async () => {
  const codes = await runHere(["explain"]);
  expect(codes.stdout).toContain("unknown-setting ");
  expect((await runHere(["explain", "unknown-setting"])).stdout).toMatch(
    /^unknown-setting \(error\)\n[^]*Wrong[^]*Right/,
  );
  expect(await runHere(["explain", "unknown-setting2"])).toMatchObject({ status: 2 });
  expect(JSON.parse((await runHere(["schema"])).stdout)).toHaveProperty("$schema");
  expect((await runHere(["completion", "fish"])).stdout).toContain("complete -c imgc");
  expect(await runHere(["build", "a.imgspec", "--foo"])).toMatchObject({ status: 2 });
  expect(await runHere(["build", "a.imgspec", "surplus"])).toMatchObject({ status: 2 });
});

test("import writes a description, and prints diagnostics of it", async () => {
  writeFileSync(join(cwd, "Dockerfile"), 'FROM scratch\nCMD ["/bin/app"]\n');
  expect((await runHere(["import", "Dockerfile"], { cwd })).stdout).toContain("image ");
  const { status, stderr } = await runHere(["import", "Dockerfile", "-o", "new.imgspec"], { cwd });
  expect([status, stderr]).toEqual([0, expect.stringContaining("Wrote new.imgspec.")]);
  expect(existsSync(join(cwd, "new.imgspec"))).toBe(true);
});

test("compile writes a flake or a file, but not both", async () => {
  writeFileSync(join(cwd, "a.imgspec"), 'image "a" { cache { push "s3://bucket" } }\n');
  expect((await runHere(["compile", "a.imgspec"], { cwd })).stderr).toContain("use `imgc build` for them");
  expect((await runHere(["compile", "a.imgspec", "--flake", "flake"], { cwd })).stderr).toContain(
    "--accept-flake-config",
  );
  expect(await runHere(["compile", "a.imgspec", "--flake", "f", "-o", "x"], { cwd })).toMatchObject({ status: 2 });
});

test("a second value of --image or --platform is wrong usage, unless the command takes several", async () => {
  for (const option of ["--image", "--platform"]) {
    const { status, stderr } = await runHere(["plan", "a.imgspec", option, "a", option, "b"], { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain(`argument 'b' is invalid. This command takes one value; a is the first.`);
  }
  const several = ["export", "missing.imgspec", "--image", "a", "--image", "b", "--to", "oci", "-o", "x"];
  expect((await runHere(several, { cwd })).stderr).not.toContain("takes one value");
});
