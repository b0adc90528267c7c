import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { checkExpectedRuns } from "../../src/expect/run.ts";
import { checkReproducible } from "../../src/expect/reproducible.ts";
import { DISTRIBUTION, ociLayout } from "./base-images.ts";
import { build, buildText, CONTAINERS, failure, files, folder, IMGC, tool, tried } from "./tools.ts";
import { onImages } from "../../src/publish/engine-images.ts";

const spec = (more: string) => `image "test/trial" {
  packages [ hello bash ]
  config { entrypoint [ "/bin/hello" ] }
  expect {
    reproducible
    run [ "/bin/hello" "--greeting=hi" ] { stdout "hi\\n" }
    run [ "bash" "-c" "exit 7" ] { exit 7 }
    ${more}
  }
}`;

/** Images and containers of ended processes. Those of other tests may still exist. */
async function leftByTrials(): Promise<string[]> {
  const images = await onImages("podman", ["images", "--format", "{{.Repository}}:{{.Tag}}"]);
  const containers = await tool("podman", ["ps", "--all", "--format", "{{.Names}}"]);
  const isRunning = (pid = "") => existsSync(`/proc/${pid}`);
  return `${images}\n${containers.stdout}`.split("\n").filter((name) => {
    const [, pid] = /imgc-verify[:-](\d+)$/.exec(name) ?? [];
    return pid !== undefined && !isRunning(pid) && !earlier.has(name);
  });
}

/** Left by runs that were killed. */
let earlier = new Set<string>();
beforeAll(async () => {
  earlier = new Set(await leftByTrials());
});

test("`expect run` runs commands in containers, for each form", async () => {
  const path = files({ "trial.imgspec": spec("") });
  const { path: directory } = await build(path);
  expect((await tried(directory)).stdout).toContain("OK: all digests match");
  const { path: layout } = await build(path, { attribute: "oci" });
  const archive = join(folder(), "image.tar");
  await tool("tar", ["-C", layout, "-chf", archive, "."]);
  for (const form of [layout, archive]) {
    const { stdout, stderr } = await tried(form);
    expect(stdout).toContain("OK: all digests match");
    expect(stderr).toContain("`expect reproducible` was not checked; it needs an image directory");
  }
  // No container or image is left.
  expect(await leftByTrials()).toEqual([]);
});

test("a command with another result is a finding with that result", async () => {
  const lines = (third: string) => Array.from({ length: 5 }, (_, i) => (i === 2 ? third : `${i}`)).join("\\n");
  const { path } = await buildText(
    spec(`run [ "bash" "-c" "echo out; echo oops >&2; exit 3" ] { stdout "in\\n" } run [ "/bin/gone" ]
      run [ "printf" "${lines("c")}" ] { stdout "${lines("see")}" }`).replace("hello bash", "hello bash coreutils"),
  );
  const { code, stdout } = await failure(tried(path));
  expect(code).toBe(1);
  expect(stdout).toContain(
    'expect run bash -c "echo out; echo oops >&2; exit 3": exit code 3, expected 0; stderr: oops\n',
  );
  expect(stdout).toContain('stdout "out\\n", expected "in\\n"\n');
  expect(stdout).toContain("expect run /bin/gone: exit code 127, expected 0");
  expect(stdout).toMatch(/expected, \+ printed\)\n {2}from line 2:\n {3}1\n {2}-see\n {2}\+c\n {3}3\n/);
  expect(stdout).toContain(": 4 findings\n");
});

test("a command that does not end is stopped and cleaned up", async () => {
  const { path } = await buildText(spec("").replace("hello bash", "hello bash coreutils"));
  for (const [name, value] of Object.entries(CONTAINERS)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const trial = { command: ["sleep", "infinity"], exit: 0, stdout: null };
  expect(await checkExpectedRuns(path, [trial], { limit: 2000 })).toEqual([
    expect.stringMatching(/^expect run sleep infinity: stopped after 2 s; /),
  ]);
  const interrupted = new AbortController();
  const onStep = (step: string) => void (step.startsWith("running") && setTimeout(() => interrupted.abort(), 1000));
  await expect(checkExpectedRuns(path, [trial], { signal: interrupted.signal, onStep })).rejects.toThrow("aborted");
  expect(await leftByTrials()).toEqual([]);
});

test("if containers cannot run, the message says so, and that the digests match", async () => {
  const { path } = await buildText(spec(""));
  const rest = "(all digests match; only the expectations that need a run were not checked)";
  const verify = (env: Record<string, string>) => failure(tool(process.execPath, [IMGC, "verify", path], env));
  const without = await verify({ PATH: "/nowhere" });
  expect(without.code).toBe(3);
  expect(without.stderr).toBe(
    `imgc: \`expect run\` needs podman, docker or runc, but none of them is on PATH\n${rest}\n`,
  );
  // A failure of the engine itself is not a finding in the image.
  const runtime = files({ runtime: "#!/bin/sh\necho the machine is tired >&2; exit 1\n" });
  chmodSync(runtime, 0o755);
  const broken = await verify({ CONTAINERS_CONF: files({ "c.conf": `[engine]\nruntime = "${runtime}"\n` }) });
  expect(broken.code).toBe(3);
  expect(broken.stderr).toMatch(/`expect run`: podman cannot run a container here: .*tired/s);
  expect(broken.stderr).toContain(rest);
});

describe("with runc alone", () => {
  const at = folder();
  const env = { PATH: join(at, "bin"), TMPDIR: join(at, "tmp") };
  const verify = (path: string) => tool(process.execPath, [IMGC, "verify", path], env);
  /** Folders of containers. */
  const left = () => readdirSync(env.TMPDIR).filter((name) => name.startsWith("imgc-container-"));
  const command = (...words: string[]) => ({ command: words, exit: 0, stdout: "" });
  let source: string;
  let directory: string;

  beforeAll(async () => {
    mkdirSync(env.PATH);
    mkdirSync(env.TMPDIR);
    symlinkSync((await tool("sh", ["-c", "command -v runc"])).stdout.trim(), join(env.PATH, "runc"));
    ociLayout(at, DISTRIBUTION);
    const text = `image "test/runc" {
      base layout ./layout
      packages [ bash coreutils ]
      users { web { uid 900 gid 900 home "/home/web" groups [ "staff" ] } }
      config { user "web" volumes [ "/data" ] }
      expect {
        run [ "bash" "-c" "id -u; id -G; pwd; echo $HOME $LANG; test -d /data && mkdir /tmp/once" ] {
          stdout "900\\n900 50\\n/srv\\n/home/web C\\n"
        }
        run [ "bash" "-c" "test ! -e /etc/gone && mkdir /tmp/once && exit 7" ] { exit 7 }
      }
    }`;
    source = files({ "runc.imgspec": text }, at);
    directory = (await build(source)).path;
  });

  test("commands run with the image's config, each in a new container, for each form", async () => {
    const { path: layout } = await build(source, { attribute: "oci" });
    const archive = join(at, "image.tar");
    await tool("tar", ["-C", layout, "-chf", archive, "."]);
    for (const form of [directory, layout, archive]) {
      expect((await verify(form)).stdout).toContain("OK: all digests match");
    }
    expect(left()).toEqual([]);
  });

  test("findings are the same as with podman", async () => {
    const trials = [
      ["bash", "-c", "echo oops >&2; exit 3"],
      // Without CapBnd: the bounding set is another one with podman 5.
      ["bash", "-c", "id; pwd; while read l; do [[ $l != Cap[IPEA]* ]] || echo $l; done < /proc/self/status"],
      [
        "bash",
        "-c",
        "stat -c '%n %a %u %g %N' /bin /etc/passwd /tmp /root /srv/data; cat /etc/passwd; echo /sys/class/net/*",
      ],
      ["gone"],
      ["/bin/gone"],
      ["/etc"],
      ["/etc/passwd"],
    ].map((words) => command(...words));
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const [name, value] of Object.entries(CONTAINERS)) vi.stubEnv(name, value);
    const expected = await checkExpectedRuns(directory, trials);
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const found = await checkExpectedRuns(directory, trials);
    // The messages of engines differ.
    const plain = (sentences: string[]) => sentences.map((each) => each.replace(/stderr: .*exec: /, ""));
    expect(plain(found)).toEqual(plain(expected).map((each) => each.replace(/: OCI .*$/, "")));
    expect(found).toHaveLength(trials.length);
    expect(left()).toEqual([]);
  });

  test("a command that does not end is stopped and cleaned up", async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(await checkExpectedRuns(directory, [command("sleep", "infinity")], { limit: 1000 })).toEqual([
      expect.stringMatching(/^expect run sleep infinity: stopped after 1 s; /),
    ]);
    expect(left()).toEqual([]);
  });

  test("an interrupt stops the container and cleans up", async () => {
    const { path } = await buildText(
      'image "test/sleep" { packages [ coreutils ] expect { run [ "sleep" "infinity" ] } }',
    );
    const child = spawn(process.execPath, [IMGC, "verify", path], { env: { ...process.env, ...env }, stdio: "ignore" });
    const ended = once(child, "close");
    const file = await vi.waitUntil(
      () =>
        left()
          .map((name) => join(env.TMPDIR, name, "pid"))
          .find(existsSync),
      60_000,
    );
    const pid = await vi.waitUntil(() => Number(readFileSync(file, "utf8")));
    expect(process.kill(pid, 0)).toBe(true);
    child.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(left()).toEqual([]);
  });

  test("a failing runtime is not a finding", async () => {
    onTestFinished(() => void vi.unstubAllEnvs().restoreAllMocks());
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const trials = [command("bash")];
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    await expect(checkExpectedRuns(directory, trials)).rejects.toThrow(/^`expect run` with runc needs root, /);
    vi.restoreAllMocks();
    const runc = join(env.PATH, "runc");
    const script = `#!/bin/sh\n[ "$5" != run ] || { echo the machine is tired >&2; exit 1; }\nexec ${runc} "$@"\n`;
    const tired = files({ runc: script });
    chmodSync(tired, 0o755);
    vi.stubEnv("PATH", dirname(tired));
    await expect(checkExpectedRuns(directory, trials)).rejects.toThrow(
      "`expect run`: runc cannot run a container here: the machine is tired",
    );
    expect(left()).toEqual([]);
  });
});

const UNSTEADY = `image "test/unsteady" {
  store [ nix ''derivation {
    name = "unsteady-1"; system = builtins.currentSystem; builder = "''\${bash}/bin/bash";
    args = [ "-c" "''\${coreutils}/bin/mkdir $out; echo same > $out/same; echo $$ $RANDOM $RANDOM > $out/stamp; echo > $out/$RANDOM$RANDOM" ];
  }'' ]
}`;

test("a different rebuild is named with its files and their first difference, in any store", async () => {
  const store = join(folder(), "store");
  await tool("nix", ["copy", "--no-check-sigs", "--to", store, "-f", "<nixpkgs>", "bash", "coreutils", "nodejs"]);
  const inside = await buildText(UNSTEADY, { nix: ["--store", store] });
  for (const path of [(await buildText(UNSTEADY)).path, join(store, readlinkSync(inside.path))]) {
    const [finding = "", ...others] = await checkReproducible(path);
    expect(others).toEqual([]);
    expect(finding).toMatch(/^expect reproducible: the second build of (\S+-unsteady-1) differs; it is in \1\.check\n/);
    expect(finding).toMatch(/\n {2}\d+ is only in the first build\n/);
    expect(finding).toMatch(/\n {2}\d+ is only in the second build\n/);
    expect(finding).toMatch(/\n {2}stamp differs at byte \d+(?: \(.*\))?: .*, then .*/);
    expect(finding).not.toContain("same");
  }
  await tool("chmod", ["-R", "u+w", store]);
});

test("a copied file with a different rebuild is named", async () => {
  const make = `nix ''runCommand "moving" { } "date +%s%N > $out"''`;
  const { path } = await buildText(`image "test/moving" { files { "/x" copy ${make} } }`);
  expect(await checkReproducible(path)).toEqual([
    expect.stringMatching(/^expect reproducible: the second build of \S+-moving differs; /),
  ]);
});

test("a part of the image with a different rebuild is not reproducible", async () => {
  const { path } = await buildText(`image "test/differs" { files { "/x" text "${Date.now()}" } }`);
  expect(await checkReproducible(path)).toEqual([]);
  const [name = ""] = readdirSync(join(path, "layers"));
  const recipe = realpathSync(join(path, "layers", name));
  const before = readFileSync(recipe, "utf8");
  onTestFinished(() => (writeFileSync(recipe, before), chmodSync(recipe, 0o444)));
  chmodSync(recipe, 0o644);
  writeFileSync(recipe, before.replace(/"diffSize":\d+/, '"diffSize":1'));
  // Nix keeps the recorded hash of the layer, but the image is made from the changed file.
  expect(await checkReproducible(path)).toEqual([
    expect.stringMatching(
      /^expect reproducible: the second build of \S+-test-differs differs; .*\n {2}SHA256SUMS differs at byte \d+: .*, then .*$/,
    ),
  ]);
});
