/** The extension's program: it starts `imgc lsp` and leaves the rest to it. */
import { commands, window, workspace, type ExtensionContext } from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

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
  const server = { command, args: ["lsp"] };
  client = new LanguageClient("imgspec", "imgspec", server, { documentSelector: [{ language: "imgspec" }] });
  try {
    await client.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(`imgspec: cannot start \`${command} lsp\` (${reason}). Set "imgspec.path" to imgc.`);
  }
}
