import { expect, test } from "vitest";
import { buildFacts } from "../../src/nix/build-facts.ts";
import { nixBuild } from "../../src/nix/build.ts";
import { BuildFailure } from "../../src/nix/build-log.ts";
import { evaluationOptions, requireUsable, storeOptions } from "../../src/nix/options.ts";
import { nixSettings } from "../../src/nix/settings.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "../e2e/tools.ts";
import { fakeTool } from "../fake-tool.ts";

test("options that affect evaluation are kept with their arguments", () => {
  const given = [
    "--keep-going",
    "--argstr",
    "a",
    "b",
    "-L",
    "--impure",
    "--option",
    "cores",
    "2",
    "-I",
    "x=y",
    "-j",
    "4",
  ];
  expect(evaluationOptions(given)).toEqual(["--argstr", "a", "b", "--impure", "--option", "cores", "2", "-I", "x=y"]);
  expect(storeOptions(["--store", "/a", "--store", "/b"])).toEqual(["--store", "/b"]);
  expect(storeOptions(["-L"])).toEqual([]);
});

test("options that change the expression or the output of a build are refused", () => {
  requireUsable(["-L", "--option", "cores", "2", "--json"]);
  expect(() => requireUsable(["-L", "--print-out-paths"])).toThrow(
    "`--print-out-paths` cannot be passed to `nix build`: imgc reads the output of `nix build`; `imgc build FILE --json` prints",
  );
  expect(() => requireUsable(["--dry-run"])).toThrow("`imgc plan FILE`");
});

test("settings are read from old and new versions of Nix, and none from a broken one", async () => {
  fakeTool(
    "nix",
    `if (args[0] === "show-config") console.log('{"cores":{"value":2,"description":"x"}}'); else process.exit(1);`,
  );
  expect(await nixSettings([])).toEqual(new Map([["cores", 2]]));
  fakeTool("nix", "process.exitCode = 1;");
  expect(await nixSettings([])).toEqual(new Map());
});

test("a build gets the expression as input, and gives the output of each derivation", async () => {
  fakeTool(
    "nix",
    `
if (args.join(" ").startsWith("build --json -f - a b --offline") && fs.readFileSync(0, "utf8") === "{ }")
  console.log('[{"drvPath":"a.drv","outputs":{"out":"/nix/store/a"}},{"drvPath":"b.drv","outputs":{"out":"/nix/store/b"}}]');
else process.exit(1);
`,
  );
  const built = await nixBuild({ expression: "{ }", attributes: ["a", "b"], options: ["--offline"] });
  const byDerivation = new Map([
    ["a.drv", "/nix/store/a"],
    ["b.drv", "/nix/store/b"],
  ]);
  expect(built).toEqual({ outputs: [...byDerivation.values()], byDerivation, built: [] });
});

test("a finding in the log fails the build with its place", async () => {
  const message = "error: imgc[shop/api packages 2]: both have /bin/q";
  const line = { action: "msg", level: 0, msg: message, raw_msg: message.replace("error: ", "") };
  fakeTool("nix", `console.error("@nix " + ${JSON.stringify(JSON.stringify(line))}); process.exitCode = 1;`);
  const failed = await nixBuild({ expression: "{ }", options: [] }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(BuildFailure);
  expect((failed as BuildFailure).findings).toEqual([
    { image: "shop/api", at: ["packages", 2], message: "both have /bin/q" },
  ]);
});

test("facts of a build: what it runs, and whether the store lacks an output", async () => {
  const at = folder();
  const derivation = (name: string) => {
    const path = join(at, `${name}.drv`);
    const text = `Derive([("out","/nix/store/${name}","","")],[],[],"x86_64-linux","/bin/sh",["-c","a (b)"],[("name","${name}")])`;
    writeFileSync(path, text);
    return path;
  };
  const [done, open] = [derivation("done"), derivation("open")];
  fakeTool("nix-store", `console.log("/nix/store/open");`);
  const facts = await buildFacts([done, open, join(at, "gone.drv")], []);
  expect([...facts.keys()]).toEqual([done, open]);
  expect(facts.get(done)).toMatchObject({
    outputs: ["/nix/store/done"],
    builder: "/bin/sh",
    args: ["-c", "a (b)"],
    isMissing: false,
  });
  expect(facts.get(open)?.isMissing).toBe(true);
  fakeTool("nix-store", "process.exitCode = 1;");
  expect((await buildFacts([done], [])).get(done)?.isMissing).toBeUndefined();
});
