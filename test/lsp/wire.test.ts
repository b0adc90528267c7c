import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import {
  CancellationTokenSource,
  CodeActionRequest,
  CompletionRequest,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DocumentFormattingRequest,
  ExitNotification,
  HoverRequest,
  LSPErrorCodes,
  ReferencesRequest,
  RenameRequest,
  ResponseError,
  SemanticTokensRequest,
  ShutdownRequest,
} from "vscode-languageserver/node";
import { files, folder } from "../e2e/tools.ts";
import { editor } from "./editor.ts";

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
  const { connection, initialized, open } = await editor(cwd, []);
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
  const { connection, ended } = await editor(folder());
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
