/** Evaluation errors are shown at their place in the spec, with every version of Nix. */
import { expect, test } from "vitest";
import { failure, files, IMGC, imgc, tool, type Failure } from "./tools.ts";

/** The lines about a spec, without its folder. */
function shown({ stderr }: Failure): string[] {
  return stderr
    .split("\n")
    .filter((line) => line.includes(".imgspec:"))
    .map((line) => line.replace(/^\S*\//, ""));
}

test("all failing packages and expressions are shown at once", async () => {
  const spec = files({
    "bad.imgspec": `let more = [ jq odd.renamed ]
image "test/bad" {
  packages [ hello helo $more python3Packages python3.withPackages odd.makeIt odd.callIt odd.aborted ]
  store [ nix ''throw "my own"'' nix ''hello.x.y'' odd.inner.hallo odd.misspelt ]
  files { "/etc/x" text "a \${odd.endless} b \${odd.nothing}" "/y" copy odd.inner.deep }
  expect { absent [ odd.renamed ] }
}
`,
  });
  const failed = await failure(imgc("build", spec, "--no-link"));
  expect(failed.code).toBe(1);
  const lines = shown(failed);
  const starts = [
    "1:17: error: `odd.renamed` cannot be evaluated: renamed has been replaced by hello [failing-package]",
    "3:20: error: the package set has no `helo`; did you mean `hello`? [unknown-package]",
    "3:31: error: `python3Packages` is a set, not a package; name a package in it",
    "3:47: error: `python3.withPackages` is a function, not a package; call it in Nix code",
    "3:68: error: `odd.makeIt` is a function, not a package; call it in Nix code, as in `nix ''odd.makeIt { name … }''`",
    "3:79: error: `odd.callIt` is a function, not a package",
    "3:90: error: `odd.aborted` cannot be evaluated: ",
    "4:11: error: this Nix expression cannot be evaluated: my own [failing-expression]",
    "4:34: error: this Nix expression cannot be evaluated: ",
    "4:52: error: `odd.inner` has no `hallo`; did you mean `hello`? [unknown-package]",
    "4:68: error: `odd.misspelt` cannot be evaluated: ",
    "5:28: error: `odd.endless` cannot be evaluated: ",
    "5:45: error: `odd.nothing` is null, not a package; name a package [not-a-package]",
    "5:71: error: `odd.inner.deep` is a set, not a package",
    "6:21: error: `odd.renamed` cannot be evaluated: renamed has been replaced by hello [failing-package]",
  ];
  expect(lines).toEqual(starts.map((start) => expect.stringContaining(`bad.imgspec:${start}`)));
  expect(failed.stderr).not.toContain("/nix/image.nix");
});

test("a failing line of an expression is marked", async () => {
  const spec = files({
    "a.imgspec": `image "test/lines" {
  packages [
    nix ''
      let
        name = "''\${hello.name}";
        broken = hello.nothing;
      in
      writeText name "''\${broken}"
    ''
  ]
}`,
  });
  const failed = await failure(imgc("build", spec, "--no-link"));
  expect([failed.code, shown(failed)]).toEqual([
    1,
    [
      expect.stringMatching(
        /^a\.imgspec:6:9: error: this Nix expression cannot be evaluated: attribute 'nothing' missing /,
      ),
    ],
  ]);
});

test("expressions that Nix cannot parse, and expressions that are not packages", async () => {
  const spec = files({
    "a.imgspec": `let cut = nix ''hello.''
image "test/code" {
  packages [ hello $cut nix ''hello }'' nix ''"text"'' nix ''1'' nix ''[ hello ]'' nix ''throw "mine"'' ]
  files { "/x" copy nix ''"/proc/text"'' }
}`,
  });
  const failed = await failure(imgc("build", spec, "--no-link"));
  expect(failed.code).toBe(1);
  expect(shown(failed)).toEqual([
    expect.stringContaining("a.imgspec:1:11: error: this Nix expression cannot be evaluated: "),
    expect.stringContaining("a.imgspec:3:25: error: this Nix expression cannot be evaluated: "),
    "a.imgspec:3:41: error: this is a string without a store path, not a package; name a package [not-a-package]",
    "a.imgspec:3:56: error: this is an integer, not a package; name a package [not-a-package]",
    "a.imgspec:3:66: error: this is a list, not a package; name a package [not-a-package]",
    "a.imgspec:3:84: error: this Nix expression cannot be evaluated: mine [failing-expression]",
    "a.imgspec:4:21: error: this is a string without a store path, not a package; name a package [not-a-package]",
  ]);

  const text = files({ "a.imgspec": `image "test/text" { packages [ hello nix ''"text"'' ] }` });
  expect(shown(await failure(imgc("build", text, "--no-link")))).toEqual([
    "a.imgspec:1:38: error: this is a string without a store path, not a package; name a package [not-a-package]",
  ]);

  const set = "nixpkgs nix ''<nixpkgs>'' { overlays [ nix ''nowhere'' ] }";
  const options = files({ "a.imgspec": `${set}\nimage "test/set" { packages [ hello nix ''hello'' ] }` });
  expect(shown(await failure(imgc("build", options, "--no-link")))).toEqual([
    expect.stringMatching(/^a\.imgspec:1:40: error: with this overlay, the package set cannot be evaluated: .*nowhere/),
  ]);
});

test("an option of the package set that fails, or makes packages fail", async () => {
  const spec = (options: string, more = "") =>
    files({
      "a.imgspec": `nixpkgs nix ''<nixpkgs>'' {\n${options}\n}\nimage "test/options" { packages [ hello jq ${more} ] }`,
      "fine.nix": "final: prev: { first = prev.hello; }",
      "wrong.nix": "final: prev: {\n  second = 1;\n",
    });
  const found = async (file: string) => {
    const failed = await failure(imgc("build", file, "--no-link"));
    return [failed.code, ...shown(failed)];
  };
  expect(await found(spec("overlays [ ./fine.nix ./wrong.nix ]"))).toEqual([
    1,
    expect.stringMatching(/^a\.imgspec:2:23: error: with this overlay, the package set cannot be evaluated: /),
  ]);
  expect(await found(spec("config nix ''nowhere''", "first"))).toEqual([
    1,
    expect.stringMatching(/^a\.imgspec:2:1: error: with this configuration, the package set cannot be .*nowhere/),
  ]);
  const broken = "overlays [ ./fine.nix nix ''(final: prev: { jq = throw \"no jq\"; mine = throw \"not mine\"; })'' ]";
  expect(await found(spec(broken, "first mine"))).toEqual([
    1,
    "a.imgspec:2:23: error: with this overlay, `jq` cannot be evaluated: no jq [failing-option]",
    "a.imgspec:4:50: error: `mine` cannot be evaluated: not mine [failing-package]",
  ]);
});

test("packages that the set refuses, with everything to allow", async () => {
  const image =
    'image "test/no" { packages [ unfree-tool unfreeOther insecure-tool ] store [ broken-tool foreign-tool ] }';
  const refused = await failure(imgc("build", files({ "a.imgspec": image }), "--no-link"));
  expect(refused.code).toBe(1);
  expect(shown(refused)).toEqual([
    "a.imgspec:1:30: error: `unfree-tool` has a licence that is not free (unfree); allow it with `nixpkgs … { allow-unfree [ unfree-tool ] }` [unfree-package]",
    expect.stringContaining("a.imgspec:1:42: error: `unfreeOther` has a licence that is not free (unfree)"),
    expect.stringMatching(
      /^a\.imgspec:1:54: error: `insecure-tool` is .*CVE-2000-0001.* \[ "insecure-tool-1\.1\.1" \] \}`/,
    ),
    expect.stringContaining("a.imgspec:1:78: error: `broken-tool` is marked as broken"),
    expect.stringContaining("a.imgspec:1:90: error: `foreign-tool` does not support the platform of this machine"),
  ]);
  expect(shown(refused)[1]).toContain("allow-unfree [ unfree-other ]");
  const needs = "image \"test/needs\" { packages [ needs-unfree needs-several nix ''needs-unfree.outPath'' ] }";
  const needed = await failure(imgc("build", files({ "a.imgspec": needs }), "--no-link"));
  expect([needed.code, ...shown(needed)]).toEqual([
    1,
    "a.imgspec:1:33: error: `needs-unfree` needs `unfree-tool`, which has a licence that is not free (unfree); allow it with `nixpkgs … { allow-unfree [ unfree-tool ] }` [unfree-package]",
    expect.stringContaining("a.imgspec:1:46: error: `needs-several` needs `broken-tool`, which is marked as broken"),
    expect.stringMatching(/^a\.imgspec:1:46: error: `needs-several` needs `insecure-tool`, .*"insecure-tool-1\.1\.1"/),
    expect.stringContaining("a.imgspec:1:46: error: `needs-several` needs `unfree-tool`, which has a licence that is"),
    expect.stringMatching(/^a\.imgspec:1:60: error: this Nix expression cannot be evaluated: .*unfree-tool/),
  ]);

  const some = `nixpkgs nix ''<nixpkgs>'' { allow-unfree allow-insecure [ "insecure-tool-1.1.1" ] }\n${image}`;
  const still = await failure(imgc("build", files({ "a.imgspec": some }), "--no-link"));
  expect(shown(still)).toEqual([
    expect.stringContaining("a.imgspec:2:78: error: `broken-tool` is marked as broken"),
    expect.stringContaining("a.imgspec:2:90: error: `foreign-tool` does not support"),
  ]);
});

test("a package that another platform lacks", async () => {
  const spec = files({
    "a.imgspec": `nixpkgs ./set
image "test/two" { platforms [ linux/amd64 linux/arm64 ] packages [ hello jq ] }`,
    "set/default.nix": `{ system ? builtins.currentSystem, ... }: import <nixpkgs> { } // {
      path = ./.;
      jq = if system == builtins.currentSystem then (import <nixpkgs> { }).jq else throw "jq is not made for it";
    }`,
  });
  const failed = await failure(imgc("build", spec, "--no-link"));
  expect(failed.code).toBe(1);
  expect(shown(failed)).toEqual([
    "a.imgspec:2:75: error: `jq` cannot be evaluated for linux/arm64: jq is not made for it [failing-package]",
  ]);
});

test("the package set itself: none, one that fails, one without a Node.js that is new enough", async () => {
  const bare = (nixpkgs = "") => files({ "set.imgspec": `${nixpkgs}\nimage "test/set" { packages [ hello ] }` });
  for (const command of [
    ["build", "--no-link"],
    ["check", "--packages"],
  ]) {
    const none = await failure(tool(process.execPath, [IMGC, ...command, bare()], { NIX_PATH: "" }));
    expect(none.code).toBe(1);
    expect(none.stderr + none.stdout).toMatch(
      /set\.imgspec:1:1: error: no package set .*--nixpkgs \[no-package-set\]$/m,
    );
  }

  const moved = await failure(imgc("build", bare(`nixpkgs nix ''throw "it has moved"''`), "--no-link"));
  expect(moved.code).toBe(1);
  expect(shown(moved)).toEqual([
    "set.imgspec:1:1: error: the package set cannot be evaluated: it has moved [failing-package-set]",
  ]);

  const broken = "nixpkgs nix ''import <nixpkgs> { } // { nodejs = throw \"no node\"; }''";
  const failing = await failure(imgc("build", bare(broken), "--no-link"));
  expect(failing.code).toBe(1);
  expect(shown(failing)).toEqual([expect.stringMatching(/^set\.imgspec:1:1: error: .*`nodejs`.*: no node/)]);

  const old =
    "nixpkgs nix ''let s = import <nixpkgs> { }; in s // { nodejs = s.nodejs // { version = \"18.20.4\"; }; }''";
  const node = await failure(imgc("build", bare(old), "--no-link"));
  expect(node.code).toBe(1);
  expect(shown(node)).toEqual([
    expect.stringMatching(/^set\.imgspec:1:1: error: `nodejs` of the package set is version 18\.20\.4, /),
  ]);
});

test("import of a derivation that fails to build, with the build's log", async () => {
  const spec = files({
    "a.imgspec": `image "test/import" {
  packages [ hello nix ''import (runCommand "list.nix" { } "echo counting; exit 5")'' ]
}`,
  });
  const failed = await failure(imgc("build", spec, "--no-link"));
  expect([failed.code, ...shown(failed)]).toEqual([
    1,
    expect.stringMatching(
      /^a\.imgspec:2:20: error: this Nix expression cannot be evaluated: list\.nix failed to build: /,
    ),
  ]);
  expect(failed.stderr).toMatch(
    /^imgc: list\.nix failed to build: .*\n {2}counting\n {2}\(`nix log \S+-list\.nix\.drv`/m,
  );
});

test("a parameter without a value, at its place", async () => {
  const spec = files({ "a.imgspec": 'param release\nimage "test/param" { tag "v${$release}" packages [ hello ] }' });
  const failed = await failure(imgc("build", spec, "--no-link"));
  expect([failed.code, ...shown(failed)]).toEqual([
    1,
    expect.stringMatching(/^a\.imgspec:1:1: error: `release` has no value; set it with --set release=… /),
  ]);
});

test("a setting that Nix cannot parse is shown, and values in messages are shortened", async () => {
  const spec = files({ "a.imgspec": `image "test/cut" { packages [ nix ''"" + pkgs'' nix ''"" + (name: name)'' ] }` });
  const wrong = await failure(tool(process.execPath, [IMGC, "build", spec, "--no-link"], { NIX_CONFIG: "no setting" }));
  expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringMatching(/^imgc: .*no setting.*\n$/)]);
  const [set = "", lambda = "", ...more] = shown(await failure(imgc("build", spec, "--no-link")));
  expect(more).toEqual([]);
  expect([set.length < 200, set]).toEqual([true, expect.stringMatching(/a set to a string.* \[failing-expression\]$/)]);
  expect(lambda).toMatch(/a function to a string.* \[failing-expression\]$/);
  expect(lambda).not.toContain("«stdin»");
});

test("import-from-derivation forbidden", async () => {
  const spec = files({ "a.imgspec": 'image "test/ifd" {\n  packages [ hello ]\n}' });
  const forbid = ["--", "--option", "allow-import-from-derivation", "false"];
  const failed = await failure(imgc("build", spec, "--no-link", ...forbid));
  expect([failed.code, shown(failed)]).toEqual([
    1,
    [
      expect.stringMatching(
        /^a\.imgspec:1:7: error: .* write `cache \{ reuse group \}`, which does not need it \[forbidden-import\]$/,
      ),
    ],
  ]);
});

test("traces and errors are told apart", async () => {
  const spec = files({
    "a.imgspec": `image "test/trace" { packages [ nix ''builtins.trace "old name" (throw "gone")'' ] }`,
  });
  const { stderr, code } = await failure(imgc("build", spec, "--no-link"));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^trace: old name$/m);
  expect(stderr).toMatch(
    /a\.imgspec:1:\d+: error: this Nix expression cannot be evaluated: gone \[failing-expression\]$/m,
  );
});

test("no group of users to build as: not a finding, and what to do", async () => {
  const spec = files({ "a.imgspec": `image "test/group" { files { "/x" text "${Date.now()}" } }` });
  const NIX_CONFIG = `${process.env["NIX_CONFIG"]}\nbuild-users-group = no-such-group`;
  const { code, stderr } = await failure(tool(process.execPath, [IMGC, "build", spec, "--no-link"], { NIX_CONFIG }));
  expect(code).toBe(3);
  expect(stderr).toMatch(/^imgc: .*no-such-group.*\n.*`build-users-group =` in nix\.conf or NIX_CONFIG$/m);
});

test("no store: not a finding, and Nix's own error", async () => {
  const spec = files({ "a.imgspec": 'image "test/store" { packages [ hello ] }' });
  const NIX_REMOTE = "unix:///nowhere";
  const failed = await failure(tool(process.execPath, [IMGC, "build", spec, "--no-link"], { NIX_REMOTE }));
  expect([failed.code, shown(failed)]).toEqual([3, []]);
  expect(failed.stderr).toMatch(/^imgc: .*\/nowhere/m);
});
