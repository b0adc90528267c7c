/** Runs the GitHub Action, the GitLab template, the pre-commit hooks and the example for treefmt unchanged. */
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { parse } from "yaml";
import { expect, test } from "vitest";
import { failure, files, folder, folderOfImgc, registry, tool, type Failure } from "../e2e/tools.ts";

const ROOT = join(import.meta.dirname, "../..");
const GOOD = 'image "shop/api" {\n  packages [ hello ]\n}\n';
const BAD = 'image "shop/api" {\n  pakages [ hello ]\n}\n';

const withImgc = (): Record<string, string> => ({ PATH: `${folderOfImgc()}${delimiter}${process.env["PATH"] ?? ""}` });

/** An empty registry, and a home folder that configures skopeo to use plain HTTP for it. */
async function plainRegistry(): Promise<{ address: string; home: string }> {
  const address = await registry();
  const config = files({
    ".config/containers/registries.conf": `[[registry]]\nlocation = "${address}"\ninsecure = true\n`,
  });
  return { address, home: join(dirname(config), "../..") };
}

interface Step {
  if?: string;
  env?: Record<string, string>;
  run: string;
}

/** Runs the steps of the action as a runner does: inputs replaced, folders of GITHUB_PATH added. */
async function runAction(
  given: Record<string, string>,
  workspace: string,
  more: Record<string, string> = {},
): Promise<string> {
  const action = parse(readFileSync(join(ROOT, "action.yml"), "utf8")) as {
    inputs: Record<string, { default: string }>;
    runs: { steps: Step[] };
  };
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [name, given[name] ?? input.default]),
  );
  const temporary = folder();
  const paths = join(temporary, "paths");
  writeFileSync(paths, "");
  let output = "";
  for (const { if: condition, env = {}, run } of action.runs.steps) {
    const needed = /^inputs\.(\w+) != ''$/.exec(condition ?? "")?.[1];
    if (needed !== undefined && inputs[needed] === "") continue;
    const value = (text: string) =>
      text
        .replace("${{ github.action_path }}", ROOT)
        .replace(/\$\{\{ inputs\.(\w+) \}\}/, (_, name: string) => inputs[name] ?? "");
    const added = readFileSync(paths, "utf8").split("\n").filter(Boolean);
    const { stdout } = await tool(
      "bash",
      ["--noprofile", "--norc", "-eo", "pipefail", "-c", `cd "${workspace}"\n${run}`],
      {
        ...Object.fromEntries(Object.entries(env).map(([name, text]) => [name, value(text)])),
        RUNNER_TEMP: temporary,
        ...more,
        GITHUB_PATH: paths,
        PATH: [...added, process.env["PATH"] ?? ""].join(delimiter),
      },
    );
    output += stdout;
  }
  return output;
}

test("the GitHub Action annotates mistakes, builds and pushes", async () => {
  const workspace = dirname(files({ "shop.imgspec": GOOD }));
  const { address, home } = await plainRegistry();
  const reference = `${address}/shop/api:v1`;
  expect(await runAction({ spec: "shop.imgspec", push: reference }, workspace, { HOME: home })).toContain(
    `${address}/shop/api@sha256:`,
  );
  expect((await tool("skopeo", ["inspect", "--tls-verify=false", `docker://${reference}`])).stdout).toContain(
    "shop/api",
  );

  const failed = await failure(runAction({}, dirname(files({ "shop.imgspec": BAD }))));
  expect((failed as Failure & { stdout: string }).stdout).toMatch(/^::error .*file=shop\.imgspec,line=2/m);
  const unformatted = dirname(files({ "shop.imgspec": GOOD.replaceAll("  ", "") }));
  expect(await failure(runAction({}, unformatted))).toMatchObject({ code: 1 });
});

test("the GitLab template checks, builds and pushes", async () => {
  const template = parse(readFileSync(join(ROOT, "templates/gitlab-ci.yml"), "utf8")) as Record<
    string,
    { script?: string[] }
  >;
  const scripts = Object.values(template).flatMap(({ script = [] }) => script);
  expect(scripts).toHaveLength(4);
  const workspace = dirname(files({ "image.imgspec": GOOD }));
  const { address, home } = await plainRegistry();
  const reference = `${address}/shop/api:main`;
  const env = { ...withImgc(), HOME: home, IMGC_SPEC: "image.imgspec", IMGC_PUSH: reference };
  await tool("bash", ["-c", [`set -e; cd "${workspace}"`, ...scripts].join("\n")], env);
  expect((await tool("skopeo", ["inspect", "--tls-verify=false", `docker://${reference}`])).stdout).toContain(
    "shop/api",
  );
});

test("the pre-commit hooks check and format", async () => {
  const project = dirname(
    files({ "good.imgspec": GOOD, "bad.imgspec": BAD, "loose.imgspec": GOOD.replaceAll("  ", "") }),
  );
  const env = {
    ...withImgc(),
    PRE_COMMIT_HOME: folder(),
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
  };
  const git = (...args: string[]) =>
    tool("git", ["-C", project, "-c", "user.name=test", "-c", "user.email=test@example.org", ...args], env);
  await git("init", "--quiet");
  // A repository with only the hooks: a clone of this repository would test committed files only.
  const hooks = folder();
  writeFileSync(join(hooks, ".pre-commit-hooks.yaml"), readFileSync(join(ROOT, ".pre-commit-hooks.yaml")));
  for (const args of [
    ["init", "--quiet"],
    ["add", "."],
    ["commit", "--quiet", "--message", "hooks"],
  ])
    await tool("git", ["-C", hooks, "-c", "user.name=test", "-c", "user.email=test@example.org", ...args], env);
  const { stdout: revision } = await tool("git", ["-C", hooks, "rev-parse", "HEAD"], env);
  const config = { repos: [{ repo: hooks, rev: revision.trim(), hooks: [{ id: "imgc-check" }, { id: "imgc-fmt" }] }] };
  writeFileSync(join(project, ".pre-commit-config.yaml"), JSON.stringify(config));
  await git("add", ".");
  const run = (...args: string[]) =>
    tool("bash", ["-c", `cd "${project}" && pre-commit run "$@"`, "bash", ...args], env);
  expect((await run("--files", "good.imgspec")).stdout).toMatch(/imgc check\.+Passed\nimgc fmt\.+Passed/);
  const failed = await failure(run("--files", "bad.imgspec", "loose.imgspec"));
  expect((failed as Failure & { stdout: string }).stdout).toMatch(
    /imgc check\.+Failed[\s\S]*did you mean `packages`[\s\S]*imgc fmt\.+Failed/,
  );
  expect(readFileSync(join(project, "loose.imgspec"), "utf8")).toBe(GOOD);
});

test("the example for treefmt formats its files", async () => {
  const [, toml = ""] = /```toml\n(.*?)```/s.exec(readFileSync(join(ROOT, "docs/ci.md"), "utf8")) ?? [];
  const field = (name: string): unknown => JSON.parse(new RegExp(`^${name} = (.*)$`, "m").exec(toml)?.[1] ?? "null");
  expect(field("includes")).toEqual(["*.imgspec"]);
  const file = files({ "loose.imgspec": GOOD.replaceAll("  ", "") });
  // treefmt runs the command with its options and the names of files.
  await tool(String(field("command")), [...(field("options") as string[]), file], withImgc());
  expect(readFileSync(file, "utf8")).toBe(GOOD);
});
