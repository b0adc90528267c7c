/** Times until the shipped language server answers after a keystroke, over its protocol. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import {
  CompletionRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentSymbolRequest,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  SemanticTokensRangeRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type ProtocolConnection,
} from "vscode-languageserver/node";
import { parse } from "../../src/language/index.ts";
import { ratio, type Section } from "../section.ts";

const IMGC = join(import.meta.dirname, "../../bin/imgc.mjs");

export const section: Section = {
  title: "A keystroke in an editor",
  about:
    "The benchmark types a letter into the middle of a file and talks to `imgc lsp` in its protocol. The columns " +
    "show the times until completion answers, until colours and outline arrive, and until diagnostics arrive. Each " +
    "cell has the median (p50, also in milliseconds) and the time that 95 % of the keystrokes do not exceed (p95). Both " +
    "are multiples of the median time to parse the whole file in a warm process. The last column includes a delay as long as the " +
    "previous check: the server waits for further typing.",
  async run() {
    return [await measure(1_000, 100), await measure(10_000, 60), await measure(100_000, 20)];
  },
};

async function measure(lines: number, strokes: number): Promise<Record<string, string>> {
  const text = specOf(lines);
  const parsing = quantile(
    await times(Math.max(9, strokes), async () => void parse({ path: "/a.imgspec", text })),
    0.5,
  );
  const child = spawn(process.execPath, [IMGC, "lsp"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, PATH: "" },
  });
  try {
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const editor = await Editor.start(connection, text);
    const row = (taken: number[]): string => {
      const [p50, p95] = [quantile(taken, 0.5), quantile(taken, 0.95)];
      return `p50 ${ratio(p50, parsing)} (${p50.toFixed(1)} ms), p95 ${ratio(p95, parsing)}`;
    };
    const completion = await times(strokes, async () => editor.complete());
    const screen = await times(strokes, async () => editor.draw());
    const diagnostics = await times(strokes, async () => editor.diagnostics());
    return {
      lines: String(lines),
      "parsing alone": `${parsing.toFixed(1)} ms`,
      completion: row(completion),
      "colours and outline": row(screen),
      diagnostics: row(diagnostics),
    };
  } finally {
    child.kill();
  }
}

class Editor {
  readonly #connection: ProtocolConnection;
  readonly #textDocument = { uri: "file:///a.imgspec" };
  readonly #line: number;
  #version = 1;
  #shown: () => void = () => {};

  private constructor(connection: ProtocolConnection, text: string) {
    this.#connection = connection;
    const lines = text.split("\n");
    this.#line = lines.findIndex((line, index) => index >= lines.length / 2 && line === "  ");
    connection.onNotification(PublishDiagnosticsNotification.type, () => this.#shown());
    connection.listen();
  }

  static async start(connection: ProtocolConnection, text: string): Promise<Editor> {
    const editor = new Editor(connection, text);
    await connection.sendRequest(InitializeRequest.type, { processId: null, rootUri: null, capabilities: {} });
    await connection.sendNotification(InitializedNotification.type, {});
    const shown = new Promise<void>((resolve) => (editor.#shown = resolve));
    const textDocument = { ...editor.#textDocument, languageId: "imgspec", version: 1, text };
    await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    await shown;
    return editor;
  }

  /** Types a letter of a setting's name. */
  async #type(): Promise<void> {
    this.#version += 1;
    const end = { line: this.#line, character: 2 + ((this.#version - 2) % 8) };
    await this.#connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { ...this.#textDocument, version: this.#version },
      contentChanges: [{ range: { start: end, end }, text: "packages"[(this.#version - 2) % 8] ?? "" }],
    });
  }

  async complete(): Promise<void> {
    await this.#type();
    const position = { line: this.#line, character: 3 };
    await this.#connection.sendRequest(CompletionRequest.type, { textDocument: this.#textDocument, position });
  }

  async draw(): Promise<void> {
    await this.#type();
    const range = { start: { line: this.#line - 30, character: 0 }, end: { line: this.#line + 30, character: 0 } };
    await Promise.all([
      this.#connection.sendRequest(SemanticTokensRangeRequest.type, { textDocument: this.#textDocument, range }),
      this.#connection.sendRequest(DocumentSymbolRequest.type, { textDocument: this.#textDocument }),
    ]);
  }

  async diagnostics(): Promise<void> {
    const shown = new Promise<void>((resolve) => (this.#shown = resolve));
    await this.#type();
    await shown;
  }
}

/** A file of about `lines` lines: typical images, each with a line to type into. */
function specOf(lines: number): string {
  const image = (index: number): string => `let runtime${index} = [ glibc openssl zlib ]

image "shop/api${index}" {
  packages [ python3 python3Packages.gunicorn $runtime${index} ]
  
  files {
    "/etc/motd" text "Welcome to \${python3}\\n" { mode 0644 }
    "/bin/api"  link "\${python3Packages.gunicorn}/bin/gunicorn"
  }
  config {
    entrypoint [ "/bin/api" "app:api" ]
    env { PYTHONPATH "/app" LANG "C.UTF-8" }
    expose [ 8080/tcp ]
  }
  layers {
    layer "runtime" $runtime${index}
    group 10
  }
}
`;
  return Array.from({ length: Math.ceil(lines / 20) }, (_, index) => image(index)).join("\n");
}

async function times(count: number, work: () => Promise<void>): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    await work();
    taken.push(performance.now() - started);
  }
  return taken;
}

/** The value that a share of the values does not exceed. */
function quantile(values: number[], share: number): number {
  return values.toSorted((left, right) => left - right)[Math.ceil(values.length * share) - 1] ?? 0;
}
