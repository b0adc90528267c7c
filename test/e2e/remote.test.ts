/** A second machine with its own store, reached over ssh as a remote builder of Nix. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { cleanUp, files, folder, imgc, tool, verified } from "./tools.ts";

interface Report {
  images: { digest: string; output: string; layers: { name: string; built: boolean }[] }[];
  built: { name: string; machine: string }[];
}

const stamp = `${Date.now()}`;
const spec = (...apps: number[]) =>
  files({
    "remote.imgspec": `image "test/remote-${apps.length}" {
      tag "v1"
      store [ ${apps.map((n) => `nix ''writeText "app${n}" "${stamp} ${n}"''`).join(" ")} ]
      layers { each }
    }`,
  });
const buildJson = async (file: string, ...more: string[]) => {
  const { stdout } = await tool(
    process.execPath,
    [join(import.meta.dirname, "../../bin/imgc.mjs"), "build", file, "--json", "--no-link", ...more],
    env,
  );
  return JSON.parse(stdout) as Report;
};
const env: Record<string, string> = {};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** An sshd that sees another /nix; returns what \`--builders\` takes. */
async function startMachine(): Promise<string> {
  const place = folder();
  const port = await freePort();
  for (const key of ["host", "user"])
    await tool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(place, key)]);
  files({ "conf/nix.conf": `${process.env["NIX_CONFIG"]}\n` }, place);
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${place}/host`,
    `AuthorizedKeysFile ${place}/user.pub`,
    "PermitRootLogin yes",
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    `SetEnv NIX_CONF_DIR=${place}/conf`,
  ];
  files({ sshd_config: `${config.join("\n")}\n` }, place);
  mkdirSync("/run/sshd", { recursive: true });
  mkdirSync(join(place, "nix"));
  const script =
    'mount --bind "$0/nix" /nix && exec "$(command -v sshd || echo /usr/sbin/sshd)" -D -f "$0/sshd_config"';
  const server = spawn("unshare", ["--mount", "bash", "-c", script, place], { stdio: "ignore" });
  cleanUp(() => void server.kill());
  env["NIX_SSHOPTS"] = `-p ${port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
  for (let i = 0; i < 100; i++) {
    const ssh = [
      "-p",
      `${port}`,
      "-i",
      join(place, "user"),
      "-o",
      "StrictHostKeyChecking=no",
      "-o",
      "UserKnownHostsFile=/dev/null",
    ];
    try {
      await tool("ssh", [...ssh, "root@127.0.0.1", "nix-store", "--version"]);
      return `ssh://root@127.0.0.1 x86_64-linux ${join(place, "user")} 4`;
    } catch {
      await sleep(100);
    }
  }
  throw new Error("sshd does not start");
}

test("layers built by a remote builder are not built here, and have the same digest", async () => {
  const builders = await startMachine();
  const there = await buildJson(spec(1, 2), "--", "--builders", builders, "--max-jobs", "0");
  const layers = there.built.filter(({ name }) => name === "layer.json");
  // The layer of the files, which all such images share, may be in the store.
  expect([2, 3]).toContain(layers.length);
  expect(new Set(there.built.map(({ machine }) => machine))).toEqual(new Set(["ssh://root@127.0.0.1"]));
  // Recomputed from the local store paths.
  expect((await verified(there.images[0]?.output as string)).digests).toEqual([there.images[0]?.digest]);

  const here = await buildJson(spec(1, 2, 3, 4));
  expect(here.images[0]?.layers.map(({ built }) => built).toSorted()).toEqual([false, false, false, true, true]);
  expect(new Set(here.built.map(({ machine }) => machine))).toEqual(new Set([""]));
});

test("two servers of one image serve the same bytes", async () => {
  const { images } = await buildJson(spec(1));
  const image = images[0]?.output as string;
  const archives = await Promise.all(
    [1, 2].map(async (n) => {
      const server = spawn(process.execPath, [join(import.meta.dirname, "../../bin/imgc.mjs"), "serve", image]);
      cleanUp(() => void server.kill());
      let said = "";
      server.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
      while (!/^ {2}\S/m.test(said)) await sleep(50);
      const reference = /^ {2}(\S+)/m.exec(said)?.[1] as string;
      const to = join(folder(), `copy-${n}`);
      await tool("skopeo", [
        "--insecure-policy",
        "copy",
        "--quiet",
        "--src-tls-verify=false",
        `docker://${reference}`,
        `dir:${to}`,
      ]);
      return to;
    }),
  );
  await tool("diff", ["-r", archives[0] as string, archives[1] as string]);
  await imgc("verify", image);
});
