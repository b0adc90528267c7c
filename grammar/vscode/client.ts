/** The extension's program: it starts `imgc lsp` and leaves the rest to it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { commands, env, window, workspace, type ExtensionContext } from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

const run = promisify(execFile);
const OPEN_SETTINGS = "Open Settings";

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand("imgspec.restart", start),
    workspace.onDidChangeConfiguration((change) => change.affectsConfiguration("imgspec.path") && start()),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.dispose();
  client = undefined;
}

async function start(): Promise<void> {
  await deactivate();
  const command = workspace.getConfiguration("imgspec").get("path", "imgc");
  // The client of the protocol shows several messages if the server cannot start.
  const problem = await problemOf(command);
  if (problem !== undefined) {
    void report(problem);
    return;
  }
  const server = { command, args: ["lsp"] };
  client = new LanguageClient("imgspec", "imgspec", server, { documentSelector: [{ language: "imgspec" }] });
  await client.start();
}

async function report(problem: string): Promise<void> {
  const button = await window.showErrorMessage(problem, OPEN_SETTINGS);
  if (button === OPEN_SETTINGS) await openSettings();
}

/** In a remote window, the settings of the machine are on a page of their own. */
async function openSettings(): Promise<void> {
  const page = env.remoteName === undefined ? "openSettings" : "openRemoteSettings";
  await commands.executeCommand(`workbench.action.${page}`, { query: "imgspec.path" });
}

/** The reason why a program cannot serve: it is missing, fails, or is not imgc. */
async function problemOf(command: string): Promise<string | undefined> {
  const advice = "Without imgc, descriptions only have colours. Install imgc, or set `imgspec.path` to the program.";
  try {
    const { stdout } = await run(command, ["--version"], { timeout: 30_000 });
    return /^\d+\.\d+\.\d+/.test(stdout) ? undefined : `\`${command}\` is not imgc. ${advice}`;
  } catch (error) {
    const { code, stderr = "", message } = error as Error & { code?: unknown; stderr?: string };
    if (code === "ENOENT") return `Cannot find \`${command}\`. ${advice}`;
    const reason = stderr.trim().split("\n")[0] || message;
    return `Cannot run \`${command}\`: ${reason.replace(/\.$/, "")}. ${advice}`;
  }
}
