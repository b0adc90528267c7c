/** Installs code-server, a VS Code that browsers show, and starts it with the extension of imgc. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pack } from "../../scripts/vscode.ts";
import { cleanUp, files, tool } from "../e2e/tools.ts";

const VERSION = "4.139.1";
const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "imgc-test");

/** The folder of code-server's package. It is kept in the user's cache: 600 MB, installed in half a minute. */
async function install(): Promise<string> {
  const target = join(CACHE, `code-server-${VERSION}`);
  const inside = "node_modules/code-server";
  if (!existsSync(target)) {
    mkdirSync(CACHE, { recursive: true });
    const beside = mkdtempSync(`${target}.`);
    // Install scripts compile native modules, for logs and for old watchers of processes. VS Code works without them.
    const npm = (folder: string, ...args: string[]) =>
      tool("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", ...args]);
    try {
      files({ "package.json": "{}" }, beside);
      await npm(beside, `code-server@${VERSION}`);
      await npm(join(beside, inside, "lib/vscode"), "--omit=dev");
      renameSync(beside, target);
    } catch (error) {
      rmSync(beside, { recursive: true });
      throw error;
    }
  }
  return join(target, inside);
}

/** Starts VS Code with the packed extension. `home` has its settings and data. Returns the address. */
export async function startVSCode(home: string): Promise<string> {
  const [entry, { vsix }] = [join(await install(), "out/node/entry.js"), await pack()];
  const folders = ["--user-data-dir", join(home, "data"), "--extensions-dir", join(home, "extensions")];
  const env = { ...process.env, HOME: home };
  await tool(process.execPath, [entry, ...folders, "--install-extension", vsix], env);
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"];
  const address = ["--auth", "none", "--bind-addr", "127.0.0.1:0"];
  // A process group of its own, so that all processes of VS Code end with the test.
  const server = spawn(process.execPath, [entry, ...folders, ...quiet, ...address], { env, detached: true });
  cleanUp(async () => {
    const ended = new Promise((resolve) => void server.once("exit", resolve));
    process.kill(-(server.pid as number), "SIGKILL");
    await ended;
  });
  return new Promise((resolve, reject) => {
    let output = "";
    server.stdout.on("data", (data: Buffer) => {
      output += data.toString();
      const found = /listening on (http:\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    server.once("exit", () => reject(new Error(`code-server ended: ${output}`)));
  });
}
