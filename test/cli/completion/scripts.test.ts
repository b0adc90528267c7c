import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import { expect, test } from "vitest";
import { bash } from "../../../src/cli/completion/bash.ts";
import { fish } from "../../../src/cli/completion/fish.ts";
import { describe } from "../../../src/cli/completion/words.ts";
import { zsh } from "../../../src/cli/completion/zsh.ts";
import { folder } from "../../e2e/tools.ts";

const program = new Command("imgc").description("images").version("1");
program
  .command("check")
  .description("checks; it's [quick]: really")
  .argument("<file...>")
  .addOption(new Option("-f, --format <format>").choices(["json", "unix"]))
  .option("--fix", "fixes");
program.command("explain").addArgument(new Argument("[code]"));
program.command("serve").argument("<image>").option("--listen <address:port>", "where");
const words = describe(program);

/** The completions of bash after these words; the last word is incomplete. */
function offered(...line: string[]): string[] {
  const at = folder();
  writeFileSync(join(at, "a.imgspec"), "");
  writeFileSync(join(at, "other.txt"), "");
  mkdirSync(join(at, "sub"));
  const script = `${bash(words)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _imgc; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["-c", script, "-", "imgc", ...line], { cwd: at, encoding: "utf8" });
  return text.split("\n").filter((word) => word !== "");
}

test("words of the command line: commands, options with their values, and files", () => {
  expect(words.map(({ name }) => name)).toEqual(["", "check", "explain", "serve"]);
  const [, check, explain, serve] = words;
  expect(check?.options[0]).toMatchObject({
    flags: ["--format", "-f"],
    takes: "format",
    value: { words: ["json", "unix"] },
  });
  expect(check?.argument).toEqual({ name: "file", value: { files: ".imgspec" } });
  expect(serve?.argument).toEqual({ name: "image", value: { files: "" } });
  expect(explain?.argument?.value).toMatchObject({ words: expect.arrayContaining(["unknown-setting"]) as string[] });
});

test("bash completes commands, options, their values and files", () => {
  expect(offered("")).toEqual(expect.arrayContaining(["check", "serve", "--version"]));
  expect(offered("se")).toEqual(["serve"]);
  expect(offered("check", "--f")).toEqual(["--format", "--fix"]);
  expect(offered("check", "--format", "")).toEqual(["json", "unix"]);
  expect(offered("check", "-f", "j")).toEqual(["json"]);
  expect(offered("check", "").toSorted()).toEqual(["a.imgspec", "sub"]);
  expect(offered("serve", "").toSorted()).toEqual(["a.imgspec", "other.txt", "sub"]);
  expect(offered("serve", "--listen", "")).toEqual([]);
  expect(offered("explain", "unknown-set")).toEqual(["unknown-setting"]);
});

test("descriptions are quoted for fish and zsh", () => {
  expect(fish(words)).toContain(
    "complete -c imgc -n __fish_use_subcommand -a check -d 'checks; it\\'s [quick]: really'",
  );
  expect(fish(words)).toMatch(/-n '__fish_seen_subcommand_from check' -l format -s f .* -r -f -a 'json unix'/);
  expect(zsh(words)).toContain("checks; it'\\''s [quick]\\: really");
  expect(zsh(words)).toContain("(json unix)");
});
