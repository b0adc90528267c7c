import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  CancellationTokenSource,
  CodeActionRequest,
  CodeLensRefreshRequest,
  CodeLensRequest,
  CompletionRequest,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidCloseTextDocumentNotification,
  DiagnosticRefreshRequest,
  DidSaveTextDocumentNotification,
  DocumentDiagnosticRequest,
  DocumentFormattingRequest,
  ExecuteCommandRequest,
  ExitNotification,
  HoverRequest,
  LSPErrorCodes,
  ReferencesRequest,
  RenameRequest,
  ResponseError,
  SelectionRangeRequest,
  SemanticTokensRequest,
  ShowMessageNotification,
  ShutdownRequest,
  type ShowMessageParams,
} from "vscode-languageserver/node";
import { EMPTY_LOCK, printLock } from "../../src/lock/lock-file.ts";
import { files, folder } from "../e2e/tools.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { descriptor, encode } from "../../src/oci/documents.ts";
import { MEDIA_TYPES } from "../../src/oci/media-types.ts";
import { fakeSkopeo } from "../fake-skopeo.ts";
import { editor, editorOfProcess } from "./editor.ts";

/** The capabilities of an editor that asks for diagnostics. */
const PULLS = { textDocument: { diagnostic: {} }, workspace: { diagnostics: { refreshSupport: true } } };

test("diagnostics follow each change, with places, codes and links; columns count UTF-16 units", async () => {
  const cwd = folder();
  const { connection, open, nextDiagnostics } = await editor(cwd);
  const uri = pathToFileURL(join(cwd, "a.imgspec")).href;
  const first = nextDiagnostics(uri);
  await open(join(cwd, "a.imgspec"), 'image "a" { author "😀" tag "v1" tag "v2" }\n');
  expect((await first).diagnostics).toEqual([
    {
      range: { start: { line: 0, character: 33 }, end: { line: 0, character: 36 } },
      severity: 1,
      code: "doubled-setting",
      codeDescription: { href: expect.stringContaining("doubled-setting") as string },
      source: "imgc",
      message: expect.stringContaining("`tag`") as string,
      relatedInformation: [
        {
          location: { uri, range: { start: { line: 0, character: 24 }, end: { line: 0, character: 27 } } },
          message: "first written here",
        },
      ],
    },
  ]);
  const second = nextDiagnostics(uri);
  const range = { start: { line: 0, character: 32 }, end: { line: 0, character: 41 } };
  await connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 2 },
    contentChanges: [{ range, text: "" }],
  });
  expect((await second).diagnostics).toEqual([]);
  const third = nextDiagnostics(uri);
  await connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 3 },
    contentChanges: [{ text: 'let unused = 1\nimage "a" { }\n' }],
  });
  expect((await third).diagnostics).toMatchObject([{ severity: 2, code: "unused-binding", tags: [1] }]);
});

test("files that are not open get diagnostics, references and renames", async () => {
  const cwd = folder();
  files({ "common.imgspec": 'let runtime = [ glibc ]\nimage "base" { tga "v1" }\n' }, cwd);
  files({ "other.imgspec": 'import ./common.imgspec\nimage "c" { packages $runtime }\n' }, cwd);
  const { connection, open, nextDiagnostics } = await editor(cwd);
  const [common, other] = ["common", "other"].map((name) => pathToFileURL(join(cwd, `${name}.imgspec`)).href);
  const imported = nextDiagnostics(common as string);
  const uri = await open(join(cwd, "a.imgspec"), 'import ./common.imgspec\nimage "b" { packages $runtime }\n');
  expect((await imported).diagnostics).toMatchObject([{ code: "unknown-setting" }]);
  const at = { textDocument: { uri }, position: { line: 1, character: 24 } };
  expect(await connection.sendRequest(DefinitionRequest.type, at)).toMatchObject([{ uri: common }]);
  const context = { includeDeclaration: true };
  const uses = await connection.sendRequest(ReferencesRequest.type, { ...at, context });
  expect(uses?.map((use) => use.uri).toSorted()).toEqual([uri, common, other]);
  const renamed = await connection.sendRequest(RenameRequest.type, { ...at, newName: "run" });
  expect(Object.keys(renamed?.changes ?? {}).toSorted()).toEqual([uri, common, other]);
  await expect(connection.sendRequest(RenameRequest.type, { ...at, newName: "1 2" })).rejects.toThrow(
    "is not a valid name",
  );
  const cleared = nextDiagnostics(common as string);
  await connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  expect((await cleared).diagnostics).toEqual([]);
});

test("fixes, hover, tokens and formatting have the protocol's form", async () => {
  const cwd = folder();
  const { connection, initialized, open } = await editorOfProcess(cwd, []);
  expect(initialized.serverInfo?.name).toBe("imgc");
  const uri = await open(join(cwd, "a.imgspec"), 'image "a"   {\n  pakages [ hello ]\n}\n');
  const textDocument = { uri };
  const range = { start: { line: 1, character: 4 }, end: { line: 1, character: 4 } };
  const fixes = await connection.sendRequest(CodeActionRequest.type, {
    textDocument,
    range,
    context: { diagnostics: [] },
  });
  const name = { start: { line: 1, character: 2 }, end: { line: 1, character: 9 } };
  expect(fixes).toMatchObject([
    { kind: "quickfix", isPreferred: true, edit: { changes: { [uri]: [{ range: name, newText: "packages" }] } } },
  ]);
  const hover = await connection.sendRequest(HoverRequest.type, { textDocument, position: { line: 0, character: 1 } });
  expect(hover?.contents).toMatchObject({ kind: "markdown", value: expect.stringContaining("**image**") as string });
  const tokens = await connection.sendRequest(SemanticTokensRequest.type, { textDocument });
  expect(tokens?.data.slice(0, 10)).toEqual([0, 0, 5, 0, 0, 0, 6, 3, 6, 0]);
  const options = { tabSize: 2, insertSpaces: true };
  expect(await connection.sendRequest(DocumentFormattingRequest.type, { textDocument, options })).toEqual([
    { range: { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } }, newText: 'image "a" {\n' },
  ]);
});

test("in a large file, cancelled requests are not computed, and others are answered for the last text", async () => {
  const cwd = folder();
  const { connection, open } = await editor(cwd);
  const text = Array.from({ length: 6_000 }, (_, index) => `image "i${index}" {\n  packages [ hello ]\n}\n`).join("");
  const uri = await open(join(cwd, "a.imgspec"), `${text}\n`);
  const end = { line: 18_000, character: 0 };
  const answers = Array.from("image", async (letter, index) => {
    const at = { line: end.line, character: index };
    const contentChanges = [{ range: { start: at, end: at }, text: letter }];
    void connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: index + 2 },
      contentChanges,
    });
    const cancel = new CancellationTokenSource();
    const position = { line: end.line, character: index + 1 };
    const answer = connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position }, cancel.token);
    if (index < 4) cancel.cancel();
    return answer.then(
      (found) => (Array.isArray(found) ? found : (found?.items ?? [])).map(({ label }) => label).includes("image"),
      (error: unknown) => (error instanceof ResponseError ? error.code : error),
    );
  });
  const cancelled = LSPErrorCodes.RequestCancelled;
  expect(await Promise.all(answers)).toEqual([cancelled, cancelled, cancelled, cancelled, true]);
});

test("the server exits on request", async () => {
  const { connection, ended } = await editorOfProcess(folder());
  await connection.sendRequest(ShutdownRequest.type);
  await connection.sendNotification(ExitNotification.type);
  expect(await ended).toBe(0);
});

test("warnings about copied files come after opening, from the files on disk", async () => {
  const cwd = folder();
  const text = 'image "a" { files { "/app" copy ./app } }\n';
  files({ "a.imgspec": text, "app/id_rsa": "", "app/x": "" }, cwd);
  const { open, nextDiagnostics } = await editor(cwd);
  const uri = pathToFileURL(join(cwd, "a.imgspec")).href;
  const first = nextDiagnostics(uri);
  await open(join(cwd, "a.imgspec"), text);
  const published = await first;
  const found = published.diagnostics.length > 0 ? published : await nextDiagnostics(uri);
  expect(found.diagnostics).toMatchObject([
    {
      code: "copied-secret",
      severity: 2,
      range: { start: { line: 0, character: 20 }, end: { line: 0, character: 37 } },
    },
  ]);
});

test("an editor that asks for diagnostics gets them for open files, and is told when to ask again", async () => {
  const cwd = folder();
  files({ "common.imgspec": 'image "base" { tga "v1" }\n' }, cwd);
  const { connection, initialized, open, nextDiagnostics } = await editor(cwd, PULLS);
  expect(initialized.capabilities.diagnosticProvider).toMatchObject({ interFileDependencies: true });
  const refresh = new Promise<void>((resolve) => connection.onRequest(DiagnosticRefreshRequest.type, () => resolve()));
  const imported = nextDiagnostics(pathToFileURL(join(cwd, "common.imgspec")).href);
  const uri = await open(join(cwd, "a.imgspec"), 'import ./common.imgspec\nimage "b" { pakages [ ] }\n');
  void nextDiagnostics(uri).then(() => expect.unreachable("an open file got diagnostics unasked"));
  await refresh;
  const pull = async () => connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } });
  expect(await pull()).toMatchObject({ kind: "full", items: [{ code: "unknown-setting", source: "imgc" }] });
  expect((await imported).diagnostics).toMatchObject([{ code: "unknown-setting" }]);
  const range = { start: { line: 1, character: 12 }, end: { line: 1, character: 19 } };
  await connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 2 },
    contentChanges: [{ range, text: "packages" }],
  });
  expect(await pull()).toMatchObject({ kind: "full", items: [] });
});

test("Nix is called when a file is opened or saved, and not while the user types", async () => {
  const cwd = folder();
  const log = join(cwd, "log");
  const nix = '#!/bin/sh\necho called >> "$LOG"\nexit 1\n';
  for (const name of ["nix", "nix-instantiate", "nix-build"]) chmodSync(files({ [`bin/${name}`]: nix }, cwd), 0o755);
  const environment = { PATH: `${join(cwd, "bin")}:/bin`, LOG: log, XDG_CACHE_HOME: folder() };
  const { connection, open } = await editorOfProcess(cwd, [], environment);
  const calls = () => (existsSync(log) ? readFileSync(log, "utf8").length : 0);
  const uri = await open(join(cwd, "a.imgspec"), 'nixpkgs ./set.nix\nimage "b" {\n  packages [ hello ]\n}\n');
  await expect.poll(calls, { timeout: 20_000 }).toBeGreaterThan(0);
  // The failed calls of opening end before the first completion is answered.
  const opened = calls();
  for (const [index, letter] of Array.from("xorg.lib other ").entries()) {
    const at = { line: 2, character: 13 + index };
    await connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: index + 2 },
      contentChanges: [{ range: { start: at, end: at }, text: letter }],
    });
    const position = { line: 2, character: 14 + index };
    await connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position });
    await connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } });
    await connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position });
  }
  expect(calls()).toBe(opened);
  await connection.sendNotification(DidSaveTextDocumentNotification.type, { textDocument: { uri } });
  await expect.poll(calls, { timeout: 20_000 }).toBeGreaterThan(opened);
});

test("the lens of an image builds the image, and tells the editor how the build ends", async () => {
  const cwd = folder();
  vi.stubEnv("PATH", "/nowhere");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { connection, initialized, open } = await editor(cwd, { workspace: { codeLens: { refreshSupport: true } } });
  const uri = await open(join(cwd, "a.imgspec"), 'image "b" { packages [ hello ] }\n');
  files({ "a.imgspec": 'image "b" { packages [ hello ] }\n' }, cwd);
  const lenses = (await connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } })) ?? [];
  expect(lenses.map(({ command }) => command?.title)).toEqual(["Build", "Run"]);
  const { command = "", arguments: given } = lenses[0]?.command ?? {};
  expect(initialized.capabilities.executeCommandProvider?.commands).toContain(command);
  const shown = new Promise<string>((resolve) =>
    connection.onNotification(ShowMessageNotification.type, ({ message }) => resolve(message)),
  );
  const refreshed = new Promise<void>((resolve) => connection.onRequest(CodeLensRefreshRequest.type, () => resolve()));
  await connection.sendRequest(ExecuteCommandRequest.type, { command, arguments: given ?? [] });
  // Without Nix on the PATH, the build fails at once.
  expect(await shown).toMatch(/^imgc build b ended with exit code 3: .*nix/);
  await refreshed;
});

test("newer bases are looked up when the user asks, and hints last until the lock file or the text changes", async () => {
  const skopeo = fakeSkopeo();
  const reference = "registry.example.org/base:1";
  const { config, manifest } = MEDIA_TYPES.oci;
  const document = encode({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [] } });
  skopeo.add(document);
  const image = { schemaVersion: 2, mediaType: manifest, config: descriptor(config, document), layers: [] };
  const current = skopeo.tag(reference, encode(image));
  const cwd = folder();
  const writePin = (digest: string) =>
    files({ "imgc.lock": printLock({ ...EMPTY_LOCK, bases: { [reference]: { digest, platforms: {} } } }) }, cwd);
  writePin(sha256("old"));
  const text = `image "a" {\n  base registry "${reference}"\n}\n`;
  const { connection, initialized, open, nextDiagnostics } = await editor(cwd);
  const uri = pathToFileURL(join(cwd, "a.imgspec")).href;
  const opened = nextDiagnostics(uri);
  await open(join(cwd, "a.imgspec"), text);
  expect((await opened).diagnostics).toEqual([]);

  const textDocument = { uri };
  const actionsAt = async (line: number) => {
    const range = { start: { line, character: 0 }, end: { line, character: 0 } };
    return await connection.sendRequest(CodeActionRequest.type, { textDocument, range, context: { diagnostics: [] } });
  };
  expect(await actionsAt(0)).toEqual([]);
  const command = { command: "imgc.checkPins", arguments: [uri] };
  expect(await actionsAt(1)).toMatchObject([{ title: "Look for newer bases and package sets", command }]);
  expect(initialized.capabilities.executeCommandProvider?.commands).toContain(command.command);
  expect(skopeo.calls()).toEqual([]);

  const hinted = nextDiagnostics(uri);
  await connection.sendRequest(ExecuteCommandRequest.type, command);
  const range = { start: { line: 1, character: 2 }, end: { line: 1, character: 18 + reference.length } };
  const shortened = [sha256("old"), current].map((digest) => digest.slice(0, 19)).join(".*");
  expect((await hinted).diagnostics).toEqual([
    { range, severity: 3, source: "imgc", message: expect.stringMatching(shortened) as string },
  ]);
  const calls = skopeo.calls().length;
  writePin(current);
  const updated = nextDiagnostics(uri);
  const changes = [{ uri: pathToFileURL(join(cwd, "imgc.lock")).href, type: 2 as const }];
  await connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes });
  expect((await updated).diagnostics).toEqual([]);

  const message = () =>
    new Promise<ShowMessageParams>((resolve) =>
      connection.onNotification(ShowMessageNotification.type, (shown) => resolve(shown)),
    );
  const shown = message();
  expect(skopeo.calls()).toHaveLength(calls);
  await connection.sendRequest(ExecuteCommandRequest.type, command);
  expect(await shown).toEqual({ type: 3, message: "imgc.lock pins the current bases and package sets" });
  skopeo.fail("reading manifest: manifest unknown");
  const failed = message();
  await connection.sendRequest(ExecuteCommandRequest.type, command);
  expect(await failed).toEqual({ type: 1, message: expect.stringContaining(reference) as string });

  writePin(sha256("old"));
  const again = nextDiagnostics(uri);
  await connection.sendRequest(ExecuteCommandRequest.type, command);
  expect((await again).diagnostics).toHaveLength(1);
  const edited = nextDiagnostics(uri);
  await connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 2 },
    contentChanges: [{ text: `${text}\n` }],
  });
  expect((await edited).diagnostics).toEqual([]);
});

test("selection ranges have the protocol's form", async () => {
  const cwd = folder();
  const { connection, open } = await editor(cwd);
  const uri = await open(join(cwd, "a.imgspec"), "let a = [ b ]\n");
  const positions = [{ line: 0, character: 10 }];
  const found = await connection.sendRequest(SelectionRangeRequest.type, { textDocument: { uri }, positions });
  expect(found).toMatchObject([
    {
      range: { start: { line: 0, character: 10 }, end: { line: 0, character: 11 } },
      parent: { range: { start: { line: 0, character: 8 }, end: { line: 0, character: 13 } } },
    },
  ]);
});
