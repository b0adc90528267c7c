/** The language server of one editor. Manages the documents; handlers.ts answers requests. */
import {
  CodeActionKind,
  DidChangeWatchedFilesNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeParams,
  type ServerCapabilities,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { CheckResult } from "../language/index.ts";
import { Converter, pathOf } from "./convert.ts";
import { COMMANDS, type FindLastBuilds } from "./code-lenses.ts";
import { Commands, type RunImgc } from "./commands.ts";
import { FileDiagnostics, type FindFileDiagnostics } from "./file-diagnostics.ts";
import { handle, type Client } from "./handlers.ts";
import { PackageSets, type OpenPackages } from "./package-sets.ts";
import { CHECK_PINS, PinChecks, type ReadPins, type ResolvePins } from "./pin-checks.ts";
import { Publisher } from "./publisher.ts";
import { TOKEN_MODIFIERS, TOKEN_TYPES } from "./semantic-tokens.ts";
import { Workspace, type Disk } from "./workspace.ts";

const CAPABILITIES: ServerCapabilities = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  completionProvider: { triggerCharacters: ["$", "/", ".", '"'] },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  renameProvider: { prepareProvider: true },
  documentHighlightProvider: true,
  documentSymbolProvider: true,
  workspaceSymbolProvider: true,
  foldingRangeProvider: true,
  semanticTokensProvider: {
    legend: { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [...TOKEN_MODIFIERS] },
    full: true,
    range: true,
  },
  documentFormattingProvider: true,
  documentRangeFormattingProvider: true,
  documentLinkProvider: {},
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  inlayHintProvider: true,
  selectionRangeProvider: true,
  codeLensProvider: {},
  executeCommandProvider: { commands: [...Object.values(COMMANDS), CHECK_PINS.command] },
};

/** Work that needs more than the texts of files. */
export interface Abilities {
  openPackages: OpenPackages;
  findFileDiagnostics: FindFileDiagnostics;
  findLastBuilds: FindLastBuilds;
  runImgc: RunImgc;
  resolvePins: ResolvePins;
  readPins: ReadPins;
}

/** Serves until the editor stops the server. */
export function serve(
  connection: Connection,
  disk: Disk,
  { openPackages, findFileDiagnostics, findLastBuilds, runImgc, resolvePins, readPins }: Abilities,
  version: string,
): void {
  const serverInfo = { name: "imgc", version };
  const documents = new TextDocuments(TextDocument);
  const workspace = new Workspace(disk);
  const converter = new Converter();
  const client: Client = { snippets: false };
  let watches = false;

  const openChecks = () => {
    const open = new Map<string, CheckResult>();
    for (const document of documents.all()) {
      const path = pathOf(document.uri);
      const result = workspace.check(path);
      if (result === undefined) continue;
      const checked = packages.check(result);
      const more = fileDiagnostics.of(path, document.getText());
      open.set(path, more.length === 0 ? checked : { ...checked, diagnostics: [...checked.diagnostics, ...more] });
    }
    return open;
  };
  const publisher = new Publisher(connection, converter, openChecks, (path, result) => pinChecks.of(path, result));
  const pinChecks = new PinChecks(connection, resolvePins, readPins, () => publisher.schedule());
  const fileDiagnostics = new FileDiagnostics(findFileDiagnostics, () => publisher.schedule());
  const packages = new PackageSets(
    openPackages,
    () => publisher.schedule(),
    (reason) => connection.console.info(`cannot load package names: ${reason}`),
  );

  const commands = new Commands(connection, runImgc, async (path) => {
    const result = workspace.check(path);
    if (result !== undefined) await pinChecks.start(path, result);
  });

  connection.onInitialize((params) => {
    workspace.folders = folders(params);
    client.snippets = params.capabilities.textDocument?.completion?.completionItem?.snippetSupport === true;
    const { workspace: ofWorkspace, textDocument } = params.capabilities;
    watches = ofWorkspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    commands.refreshesLenses = ofWorkspace?.codeLens?.refreshSupport === true;
    if (textDocument?.diagnostic === undefined) return { capabilities: CAPABILITIES, serverInfo };
    publisher.delivery = ofWorkspace?.diagnostics?.refreshSupport === true ? "pull-and-refresh" : "pull";
    const diagnosticProvider = { interFileDependencies: true, workspaceDiagnostics: false };
    return { capabilities: { ...CAPABILITIES, diagnosticProvider }, serverInfo };
  });
  connection.onInitialized(() => {
    if (!watches) return;
    void connection.client.register(DidChangeWatchedFilesNotification.type, {
      watchers: [{ globPattern: "**/*.imgspec" }, { globPattern: "**/imgc.lock" }],
    });
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) workspace.changed(pathOf(uri));
    publisher.schedule();
  });

  documents.onDidChangeContent(({ document }) => {
    const path = pathOf(document.uri);
    converter.know(path, document.uri);
    pinChecks.forget(path);
    packages.allowLoading(!workspace.isOpen(path));
    workspace.set(path, document.getText());
    publisher.schedule();
  });
  const search = ({ document }: { document: TextDocument }) =>
    fileDiagnostics.search(pathOf(document.uri), document.getText());
  documents.onDidOpen(search);
  // Copied files and lock files may have changed as well.
  documents.onDidSave((event) => {
    workspace.changedAny();
    packages.forget();
    packages.allowLoading(true);
    publisher.schedule();
    search(event);
  });
  documents.onDidClose(({ document }) => {
    const path = pathOf(document.uri);
    workspace.set(path, undefined);
    fileDiagnostics.forget(path);
    pinChecks.forget(path);
    converter.forget(path);
    publisher.schedule();
  });

  handle({ connection, workspace, converter, packages, client, publisher, findLastBuilds });
  documents.listen(connection);
  connection.listen();
}

/** The folders of the workspace; `rootUri` is from editors that do not know workspace folders. */
function folders({ workspaceFolders, rootUri }: InitializeParams & { rootUri?: string | null }): string[] {
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => pathOf(uri));
  return rootUri ? [pathOf(rootUri)] : [];
}
