/** A test editor: talks to the language server with the protocol's client library. */
import { spawn } from "node:child_process";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import {
  createConnection,
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
import { serveEditor } from "../../src/cli/commands/lsp.ts";
import { IMGC } from "../e2e/tools.ts";

export interface Editor {
  connection: ProtocolConnection;
  initialized: InitializeResult;
  /** Opens a file with a text and returns its URI. */
  open(path: string, text: string): Promise<string>;
  /** The next diagnostics that the server sends for a file. */
  nextDiagnostics(uri: string): Promise<PublishDiagnosticsParams>;
}

/** An editor whose server runs in this process. */
export async function editor(folder: string, capabilities: ClientCapabilities = {}): Promise<Editor> {
  const [toServer, toEditor] = [new PassThrough(), new PassThrough()];
  serveEditor(createConnection(new StreamMessageReader(toServer), new StreamMessageWriter(toEditor)), IMGC);
  // With the number of this process, the server would check for ever whether the process still runs.
  return await connected(folder, toEditor, toServer, { processId: null, capabilities });
}

interface ProcessEditor extends Editor {
  /** The exit code of the server. */
  ended: Promise<number | null>;
}

/** An editor that runs `imgc lsp` as a child process. */
export async function editorOfProcess(
  folder: string,
  args: string[] = ["--stdio"],
  env: NodeJS.ProcessEnv = {},
): Promise<ProcessEditor> {
  const child = spawn(process.execPath, [IMGC, "lsp", ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill());
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const initialize = { processId: process.pid, capabilities: {} };
  return { ...(await connected(folder, child.stdout, child.stdin, initialize)), ended };
}

async function connected(
  folder: string,
  input: Readable,
  output: Writable,
  initialize: { processId: number | null; capabilities: ClientCapabilities },
): Promise<Editor> {
  const connection = createProtocolConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
  const waiting = new Map<string, ((params: PublishDiagnosticsParams) => void)[]>();
  connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
    for (const resolve of waiting.get(params.uri) ?? []) resolve(params);
    waiting.delete(params.uri);
  });
  connection.listen();
  const rootUri = pathToFileURL(folder).href;
  const initialized = await connection.sendRequest(InitializeRequest.type, {
    ...initialize,
    rootUri,
    workspaceFolders: [{ uri: rootUri, name: "w" }],
  });
  await connection.sendNotification(InitializedNotification.type, {});
  return {
    connection,
    initialized,
    async open(path, text) {
      const uri = pathToFileURL(path).href;
      const textDocument = { uri, languageId: "imgspec", version: 1, text };
      await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
      return uri;
    },
    nextDiagnostics: async (uri) => new Promise((resolve) => waiting.set(uri, [...(waiting.get(uri) ?? []), resolve])),
  };
}
