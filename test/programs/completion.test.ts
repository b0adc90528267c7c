import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { files, folder } from "../e2e/tools.ts";
import { run } from "../cli/run.ts";

const cwd = folder();
files({ "a b.imgspec": "", "other.txt": "", "specs/c.imgspec": "" }, cwd);

const scripts = Object.fromEntries(["bash", "zsh", "fish"].map((shell) => [shell, run(["completion", shell]).stdout]));
files(scripts, cwd);
const shell = (program: string, ...args: string[]): string[] =>
  execFileSync(program, args, { cwd, encoding: "utf8", timeout: 60_000 }).split("\n").filter(Boolean);

/** The completions of a real shell at the end of a line. */
const offers: Record<string, (line: string) => string[]> = {
  bash: (line) => {
    const call = 'source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _imgc; printf "%s\\n" "${COMPREPLY[@]}"';
    return shell("bash", "--norc", "-c", call, "bash", ...line.split(" "));
  },
  fish: (line) => {
    const offered = shell("fish", "--no-config", "-c", 'source ./fish; complete -C "$argv[1]"', line);
    return offered.map((each) => each.split("\t")[0] ?? "");
  },
};

describe.each(Object.entries(offers))("%s", (_name, offered) => {
  test("completes commands, options, values and codes", () => {
    expect(offered("imgc co").toSorted()).toEqual(["compile", "completion"]);
    expect(
      offered("imgc fmt --")
        .filter((word) => word !== "--help")
        .toSorted(),
    ).toEqual(["--check", "--diff", "--stdin-filepath"]);
    expect(offered("imgc check --format s")).toEqual(["sarif"]);
    expect(offered("imgc init --from ").toSorted()).toEqual(["flake", "go", "nix", "node", "python", "rust", "static"]);
    expect(offered("imgc explain ").toSorted()).toEqual(Object.keys(catalogue).toSorted());
    expect(offered("imgc completion ").toSorted()).toEqual(["bash", "fish", "zsh"]);
    expect(offered("imgc run --set ")).toEqual([]);
  });

  test("completes .imgspec files and folders", () => {
    const words = offered("imgc check ").map((word) => word.replace(/\/$/, "").replaceAll("\\", ""));
    expect(words).toEqual(expect.arrayContaining(["a b.imgspec", "specs"]));
    // Fish lists other files last.
    expect(words.indexOf("a b.imgspec")).toBeLessThan(
      words.includes("other.txt") ? words.indexOf("other.txt") : Infinity,
    );
  });
});

test("zsh completes words in a terminal", () => {
  // Read the terminal until the word appears.
  const session = `zmodload zsh/zpty; zpty z zsh -f -i
    await() {
      local seen= part i
      for i in {1..300}; do
        if zpty -r -t z part; then seen+=$part; else sleep 0.1; fi
        if [[ $seen == *$1* ]]; then print found $1; return; fi
      done
      print -r "no $1 in: $seen"
    }
    zpty -w z 'PROMPT="> "; autoload -U compinit; compinit -u -D; source ./zsh; echo rea""dy'
    await ready
    zpty -w -n z $'imgc compi\\t'; await compile; zpty -w -n z $'\\x15'
    zpty -w -n z $'imgc check --format sa\\t'; await sarif; zpty -w -n z $'\\x15'
    zpty -w -n z $'imgc explain unclosed-b\\t'; await unclosed-bracket; zpty -w -n z $'\\x15'
    zpty -w -n z $'imgc check a\\t'; await b.imgspec
    zpty -d z`;
  expect(shell("zsh", "-f", "-c", session)).toEqual(
    ["ready", "compile", "sarif", "unclosed-bracket", "b.imgspec"].map((word) => `found ${word}`),
  );
});
