/** The answers of the language server in the form of the protocol, for requests that need one file or its imports. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import {
  CompletionItemKind,
  CompletionRequest,
  DocumentHighlightRequest,
  DocumentLinkRequest,
  DocumentRangeFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  InlayHintRequest,
  InsertTextFormat,
  PrepareRenameRequest,
  ReferencesRequest,
  SemanticTokensRangeRequest,
  SymbolKind,
  WorkspaceSymbolRequest,
  type CompletionItem,
  type Range,
} from "vscode-languageserver/node";
import { files, folder } from "../e2e/tools.ts";
import { editor, type Editor } from "./editor.ts";

const TEXT = `# 😀 shop
# of two images
import ./common.imgspec
let app = [ hello ]

image "shop/api" {
  author "😀" tag  "v1" packages $app
  files {
    "/motd" copy ./motd
  }
}
`;
const LINES = TEXT.split("\n");

/** The range of a part of a line; its columns count UTF-16 units. */
function range(line: number, part: string): Range {
  const character = (LINES[line] as string).indexOf(part);
  return { start: { line, character }, end: { line, character: character + part.length } };
}

async function opened(capabilities = {}): Promise<Editor & { uri: string; common: string }> {
  const cwd = folder();
  files({ "common.imgspec": 'image "shop/base" { }\n', motd: "hi" }, cwd);
  const server = await editor(cwd, capabilities);
  const uri = await server.open(join(cwd, "a.imgspec"), TEXT);
  return { ...server, uri, common: pathToFileURL(join(cwd, "common.imgspec")).href };
}

test("the uses of a name are highlighted, and its range is offered for a rename", async () => {
  const { connection, uri } = await opened();
  const [declared, used] = [range(3, "app"), range(6, "app")];
  const at = { textDocument: { uri }, position: used.start };
  expect(await connection.sendRequest(DocumentHighlightRequest.type, at)).toEqual([
    { range: declared, kind: 3 },
    { range: used, kind: 2 },
  ]);
  expect(await connection.sendRequest(PrepareRenameRequest.type, at)).toEqual({ range: used, placeholder: "app" });
  const elsewhere = { textDocument: { uri }, position: { line: 0, character: 0 } };
  expect(await connection.sendRequest(PrepareRenameRequest.type, elsewhere)).toBeNull();
});

test("the outline nests settings in images, and names are found in the whole workspace", async () => {
  const { connection, uri, common } = await opened();
  const outline = await connection.sendRequest(DocumentSymbolRequest.type, { textDocument: { uri } });
  expect(outline).toMatchObject([
    { name: "app", kind: SymbolKind.Variable, detail: "let", selectionRange: range(3, "app") },
    {
      name: "shop/api",
      kind: SymbolKind.Class,
      range: { start: { line: 5, character: 0 }, end: { line: 10, character: 1 } },
      selectionRange: range(5, '"shop/api"'),
      children: [
        { name: "author", detail: '"😀"' },
        { name: "tag", kind: SymbolKind.Property, detail: '"v1"', range: range(6, 'tag  "v1"') },
        { name: "packages", detail: "$app" },
        { name: "files", children: [{ name: "/motd", detail: "copy ./motd" }] },
      ],
    },
  ]);
  const found = await connection.sendRequest(WorkspaceSymbolRequest.type, { query: "shop" });
  expect(found?.map(({ name, location }) => [name, location.uri])).toEqual([
    ["shop/api", uri],
    ["shop/base", common],
  ]);
});

test("a folded block keeps the line of its closing bracket", async () => {
  const { connection, uri } = await opened();
  expect(await connection.sendRequest(FoldingRangeRequest.type, { textDocument: { uri } })).toEqual([
    { startLine: 5, endLine: 9, kind: "region" },
    { startLine: 7, endLine: 8, kind: "region" },
    { startLine: 0, endLine: 1, kind: "comment" },
  ]);
});

test("existing paths are links", async () => {
  const { connection, uri, common } = await opened();
  expect(await connection.sendRequest(DocumentLinkRequest.type, { textDocument: { uri } })).toEqual([
    { range: range(2, "./common.imgspec"), target: common },
    { range: range(8, "./motd"), target: new URL("motd", common).href },
  ]);
});

test("hints and tokens of a range are those of its lines", async () => {
  const { connection, uri } = await opened();
  const line: Range = { start: { line: 6, character: 0 }, end: { line: 7, character: 0 } };
  const about = { textDocument: { uri }, range: line };
  expect(await connection.sendRequest(InlayHintRequest.type, about)).toEqual([
    { position: range(6, "$app").end, label: " = [ hello ]", kind: 2 },
  ]);
  const tokens = await connection.sendRequest(SemanticTokensRangeRequest.type, about);
  const [author, image, tag] = [range(6, "author"), range(6, '"😀"'), range(6, "tag")].map(
    ({ start }) => start.character,
  );
  const places = tokens?.data.filter((_, i) => i % 5 === 1).slice(0, 3);
  expect(tokens?.data[0]).toBe(6);
  expect(places).toEqual([author, (image ?? 0) - (author ?? 0), (tag ?? 0) - (image ?? 0)]);
});

test("formatting a range changes only its lines", async () => {
  const { connection, uri } = await opened();
  const options = { tabSize: 2, insertSpaces: true };
  const of = async (line: number) =>
    await connection.sendRequest(DocumentRangeFormattingRequest.type, {
      textDocument: { uri },
      range: range(line, LINES[line] as string),
      options,
    });
  expect(await of(3)).toEqual([]);
  const start = { line: 6, character: 0 };
  const newText = '  author "😀"\n  tag "v1"\n  packages $app\n';
  expect(await of(6)).toEqual([{ range: { start, end: { line: 7, character: 0 } }, newText }]);
});

test("settings complete with their documentation, and with snippets only if the editor supports them", async () => {
  const completed = async (capabilities: object): Promise<CompletionItem | undefined> => {
    const { connection, uri } = await opened(capabilities);
    const position = range(6, "author").start;
    const answer = await connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position });
    const items = Array.isArray(answer) ? answer : (answer?.items ?? []);
    return items.find(({ label }) => label === "layers");
  };
  const snippets = { textDocument: { completion: { completionItem: { snippetSupport: true } } } };
  const [plain, snippet] = [await completed({}), await completed(snippets)];
  expect(plain).toMatchObject({ kind: CompletionItemKind.Property, documentation: { kind: "markdown" } });
  expect(plain?.textEdit?.newText).toBe("layers");
  expect(plain?.insertTextFormat).toBeUndefined();
  expect(snippet).toMatchObject({ insertTextFormat: InsertTextFormat.Snippet });
  expect(snippet?.textEdit?.newText).toContain("$");
});

test("requests about a file that does not exist have empty answers", async () => {
  const { connection, uri } = await opened();
  const textDocument = { uri: new URL("nowhere.imgspec", uri).href };
  const position = { line: 0, character: 0 };
  expect(await connection.sendRequest(FoldingRangeRequest.type, { textDocument })).toBeNull();
  expect(await connection.sendRequest(CompletionRequest.type, { textDocument, position })).toBeNull();
  const about = { textDocument, range: { start: position, end: position } };
  expect(await connection.sendRequest(SemanticTokensRangeRequest.type, about)).toEqual({ data: [] });
  const context = { includeDeclaration: true };
  expect(await connection.sendRequest(ReferencesRequest.type, { textDocument, position, context })).toBeNull();
});
