/** A test editor: runs `imgc lsp` as a child process and talks to it with the protocol's client library. */
import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import {
  createProtocolConnection,
  DidOpenTextDocumentNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from "vscode-languageserver/node";
import { IMGC } from "../e2e/tools.ts";

export interface Editor {
  connection: ProtocolConnection;
  initialized: InitializeResult;
  /** Opens a file with a text and returns its URI. */
  open(path: string, text: string): Promise<string>;
  /** The next diagnostics that the server sends for a file. */
  nextDiagnostics(uri: string): Promise<PublishDiagnosticsParams>;
  /** The exit code of the server. */
  ended: Promise<number | null>;
}

export async function editor(
  folder: string,
  args: string[] = ["--stdio"],
  env: NodeJS.ProcessEnv = {},
  capabilities: ClientCapabilities = {},
): Promise<Editor> {
  const child = spawn(process.execPath, [IMGC, "lsp", ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill());
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const waiting = new Map<string, ((params: PublishDiagnosticsParams) => void)[]>();
  connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
    for (const resolve of waiting.get(params.uri) ?? []) resolve(params);
    waiting.delete(params.uri);
  });
  connection.listen();
  const rootUri = pathToFileURL(folder).href;
  const initialized = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri,
    workspaceFolders: [{ uri: rootUri, name: "w" }],
    capabilities,
  });
  await connection.sendNotification(InitializedNotification.type, {});
  return {
    connection,
    initialized,
    ended,
    async open(path, text) {
      const uri = pathToFileURL(path).href;
      const textDocument = { uri, languageId: "imgspec", version: 1, text };
      await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
      return uri;
    },
    nextDiagnostics: async (uri) => new Promise((resolve) => waiting.set(uri, [...(waiting.get(uri) ?? []), resolve])),
  };
}
