/** Answers the editor's requests: translates between the protocol and the features, which are in other files. */
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import {
  CodeActionKind,
  CompletionItemKind,
  DocumentDiagnosticReportKind,
  DocumentHighlightKind,
  InlayHintKind,
  InsertTextFormat,
  LSPErrorCodes,
  MarkupKind,
  ResponseError,
  SemanticTokensBuilder,
  SymbolKind,
  type CancellationToken,
  type CodeAction,
  type Command,
  type CompletionItem,
  type Connection,
  type DiagnosticServerCancellationData,
  type DocumentSymbol,
  type Location,
  type SelectionRange,
  type SemanticTokens,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver/node";
import type { Fix, Place } from "../diagnostics/diagnostic.ts";
import type { CheckResult, Module, Source, Span } from "../language/index.ts";
import { actions } from "./actions.ts";
import { SYNONYM_LENGTH, type World } from "./candidates.ts";
import { codeLenses, COMMANDS, type FindLastBuilds } from "./code-lenses.ts";
import { complete } from "./completion.ts";
import { pathOf, type Converter } from "./convert.ts";
import { editedImage } from "./edited-image.ts";
import { folds } from "./folding.ts";
import { formatEdits } from "./formatting.ts";
import { hover, packageMarkdown } from "./hover.ts";
import { inlayHints } from "./inlay-hints.ts";
import { links } from "./links.ts";
import { referenceSettings } from "./outdated-pins.ts";
import { CHECK_PINS } from "./pin-checks.ts";
import type { PackageSets } from "./package-sets.ts";
import { toProtocol, type Publisher } from "./publisher.ts";
import { definition, highlights, references } from "./references.ts";
import { prepareRename, rename, RenameError } from "./rename.ts";
import { semanticTokens, TOKEN_MODIFIERS, TOKEN_TYPES } from "./semantic-tokens.ts";
import { selections } from "./selection.ts";
import { documentSymbols, workspaceSymbols, type Symbol } from "./symbols.ts";
import type { Workspace } from "./workspace.ts";
import type { Candidate } from "./candidate.ts";

const SYMBOL_KINDS = { image: SymbolKind.Class, binding: SymbolKind.Variable, setting: SymbolKind.Property } as const;

const CANDIDATE_KINDS: Record<Candidate["kind"], CompletionItemKind> = {
  setting: CompletionItemKind.Property,
  word: CompletionItemKind.EnumMember,
  binding: CompletionItemKind.Variable,
  image: CompletionItemKind.Class,
  file: CompletionItemKind.File,
  folder: CompletionItemKind.Folder,
  package: CompletionItemKind.Module,
};

/**
 * If the last check took at least this long, a request first waits for WAIT_MS: the editor may cancel the request
 * meanwhile.
 */
const QUICK_CHECK_MS = 50;
const WAIT_MS = 50;

export interface Client {
  /** Whether the editor supports snippets. */
  snippets: boolean;
}

export interface Server {
  connection: Connection;
  workspace: Workspace;
  converter: Converter;
  packages: PackageSets;
  client: Client;
  publisher: Publisher;
  findLastBuilds: FindLastBuilds;
}

export function handle(server: Server): void {
  const { connection, workspace, converter, packages, client, publisher, findLastBuilds } = server;
  const place = ({ file, span }: Place): Location[] => {
    const source = workspace.check(file)?.root.source;
    return source === undefined ? [] : [{ uri: converter.uri(file), range: converter.range(source, span) }];
  };
  const textEdit = (source: Source, { span, text }: { span: Span; text: string }): TextEdit => ({
    range: converter.range(source, span),
    newText: text,
  });
  const workspaceEdit = (edits: Fix["edits"]): WorkspaceEdit => {
    const changes: Record<string, TextEdit[]> = {};
    for (const edit of edits) {
      const source = workspace.check(edit.file)?.root.source;
      if (source !== undefined) (changes[converter.uri(edit.file)] ??= []).push(textEdit(source, edit));
    }
    return { changes };
  };

  interface Request {
    result: CheckResult;
    root: Module;
    source: Source;
    offset: number;
    span: Span;
  }
  interface Params {
    textDocument: { uri: string };
    position?: { line: number; character: number };
    range?: { start: { line: number; character: number }; end: { line: number; character: number } };
  }
  /** Makes a handler of requests about one file. It yields first, so that a cancelled or outdated request costs nothing. */
  const about =
    <P extends Params, R>(answer: (request: Request, params: P) => R) =>
    async (params: P, token: CancellationToken): Promise<Awaited<R> | ResponseError | null> => {
      await (workspace.lastCheckMs < QUICK_CHECK_MS ? turn() : sleep(WAIT_MS));
      if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
      const result = workspace.check(pathOf(params.textDocument.uri));
      if (result === undefined) return null;
      const { root } = result;
      const { source } = root;
      const offset = params.position === undefined ? 0 : converter.offset(source, params.position);
      const span =
        params.range === undefined ? { start: 0, end: source.text.length } : converter.span(source, params.range);
      return await answer({ result, root, source, offset, span }, params);
    };

  /** Completes in a file, or in a part of it that starts at `start`. */
  const completions = (part: Pick<CheckResult, "root" | "nixpkgs">, source: Source, offset: number, start = 0) => {
    const word = /[\w-]*$/.exec(source.text.slice(Math.max(0, offset - SYNONYM_LENGTH), offset))?.[0] ?? "";
    // With more text, the names of other tools are added.
    let isIncomplete = word.length < SYNONYM_LENGTH;
    const world: World = {
      list: (folder) => workspace.disk.list(folder),
      packages(typed) {
        const { found, all } = packages.complete(part, typed);
        isIncomplete ||= !all;
        return found.map(({ path, about: each }) => ({ path, detail: each.version, doc: packageMarkdown(each) }));
      },
    };
    const items = complete(part, offset - start, world).map((candidate, index): CompletionItem => {
      const snippet = client.snippets ? candidate.snippet : undefined;
      const span = { start: start + candidate.span.start, end: start + candidate.span.end };
      return {
        label: candidate.label,
        kind: CANDIDATE_KINDS[candidate.kind],
        ...(candidate.detail !== undefined && { detail: candidate.detail }),
        ...(candidate.doc !== undefined && { documentation: { kind: MarkupKind.Markdown, value: candidate.doc } }),
        ...(snippet !== undefined && { insertTextFormat: InsertTextFormat.Snippet }),
        filterText: candidate.filter ?? candidate.text,
        sortText: String(index).padStart(6, "0"),
        textEdit: textEdit(source, { span, text: snippet ?? candidate.text }),
      };
    });
    return { isIncomplete, items };
  };
  const completeInFile = about(({ result, source, offset }) => completions(result, source, offset));
  connection.onCompletion(async (params, token) => {
    await turn();
    if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
    const path = pathOf(params.textDocument.uri);
    const edited = workspace.edited(path);
    if (edited === undefined) return await completeInFile(params, token);
    const source = { path, text: edited.text };
    const offset = converter.offset(source, params.position);
    const image = editedImage(edited.before, edited.text, offset);
    return image === undefined ? await completeInFile(params, token) : completions(image, source, offset, image.start);
  });
  connection.onHover(
    about(({ result, root, source, offset }) => {
      const found = hover(root, offset, packages.lookup(result));
      return (
        found && {
          contents: { kind: MarkupKind.Markdown, value: found.markdown },
          range: converter.range(source, found.span),
        }
      );
    }),
  );
  connection.onDefinition(
    about(({ root, offset }) => {
      const declared = definition(root, offset);
      return declared === undefined ? [] : place(declared);
    }),
  );
  connection.onReferences(
    about(({ root, offset }, { context }) =>
      references(root, offset, workspace.modules(), context.includeDeclaration).flatMap(place),
    ),
  );
  connection.onDocumentHighlight(
    about(({ root, source, offset }) =>
      highlights(root, offset).map(({ span, declares }) => ({
        range: converter.range(source, span),
        kind: declares ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
      })),
    ),
  );
  connection.onPrepareRename(
    about(({ root, source, offset }) => {
      const found = prepareRename(root, offset);
      return found ? { range: converter.range(source, found.span), placeholder: found.text } : null;
    }),
  );
  connection.onRenameRequest(
    about(({ root, offset }, { newName }) => {
      try {
        return workspaceEdit(rename(root, offset, newName, workspace.modules()));
      } catch (error) {
        if (error instanceof RenameError) throw new ResponseError(LSPErrorCodes.RequestFailed, error.message);
        throw error;
      }
    }),
  );
  connection.onDocumentSymbol(
    about(({ root, source }) => {
      const symbol = (each: Symbol): DocumentSymbol => ({
        name: each.name,
        detail: each.detail,
        kind: SYMBOL_KINDS[each.kind],
        range: converter.range(source, each.span),
        selectionRange: converter.range(source, each.nameSpan),
        children: each.children.map(symbol),
      });
      return documentSymbols(root).map(symbol);
    }),
  );
  connection.onWorkspaceSymbol(({ query }) =>
    workspaceSymbols(workspace.modules(), query).flatMap((symbol) =>
      place({ file: symbol.file, span: symbol.nameSpan }).map((location) => ({
        name: symbol.name,
        kind: SYMBOL_KINDS[symbol.kind],
        location,
      })),
    ),
  );
  connection.onFoldingRanges(
    about(({ root, source }) =>
      folds(root).map(({ span, kind }) => {
        const { start, end } = converter.range(source, span);
        // The line with the closing bracket stays visible.
        const closes = kind === "region" && end.line > start.line + 1;
        return { startLine: start.line, endLine: closes ? end.line - 1 : end.line, kind };
      }),
    ),
  );
  const tokens = about(({ root, source, span }): SemanticTokens => {
    const builder = new SemanticTokensBuilder();
    for (const token of semanticTokens(root, span)) {
      const { line, character } = converter.position(source, token.span.start);
      const modifiers = token.declares === true ? 1 << TOKEN_MODIFIERS.indexOf("declaration") : 0;
      builder.push(line, character, token.span.end - token.span.start, TOKEN_TYPES.indexOf(token.type), modifiers);
    }
    return builder.build();
  });
  const noTokens = (answer: SemanticTokens | ResponseError | null) => answer ?? { data: [] };
  connection.languages.semanticTokens.on(async (params, token) => noTokens(await tokens(params, token)));
  connection.languages.semanticTokens.onRange(async (params, token) => noTokens(await tokens(params, token)));
  const formatting = about(async ({ source, span }) =>
    (await formatEdits(source, span)).map((edit) => textEdit(source, edit)),
  );
  connection.onDocumentFormatting(formatting);
  connection.onDocumentRangeFormatting(formatting);
  connection.onDocumentLinks(
    about(({ root, source }) =>
      links(root, (path) => workspace.disk.exists(path)).map(({ span, target }) => ({
        range: converter.range(source, span),
        target: converter.uri(target),
      })),
    ),
  );
  connection.onCodeAction(
    about(({ result, source, span }, { textDocument: { uri }, range }) => {
      const fixes = actions(packages.check(result), span).map(({ diagnostic, fix }): CodeAction => {
        const converted = toProtocol(diagnostic, result.sources, converter);
        return {
          title: fix.title,
          kind: CodeActionKind.QuickFix,
          isPreferred: fix.isSafe,
          ...(converted !== undefined && { diagnostics: [converted] }),
          edit: workspaceEdit(fix.edits),
        };
      });
      const isOnReference = referenceSettings(result).some(({ place: { file, span: setting } }) => {
        if (file !== source.path) return false;
        const { start, end } = converter.range(source, setting);
        return start.line <= range.end.line && range.start.line <= end.line;
      });
      if (!isOnReference) return fixes;
      const command: Command = { ...CHECK_PINS, arguments: [uri] };
      return [...fixes, { title: CHECK_PINS.title, kind: CodeActionKind.QuickFix, command }];
    }),
  );
  connection.languages.inlayHint.on(
    about(({ root, source, span }) =>
      inlayHints(root, span).map(({ offset, text, whole }) => ({
        position: converter.position(source, offset),
        label: text,
        kind: InlayHintKind.Parameter,
        ...(whole !== undefined && { tooltip: whole }),
      })),
    ),
  );
  connection.onSelectionRanges(
    about(({ root, source }, { positions }) =>
      positions.map((position) => {
        const spans = selections(root, converter.offset(source, position));
        return spans.reduceRight<SelectionRange | undefined>(
          (parent, span) => ({ range: converter.range(source, span), ...(parent !== undefined && { parent }) }),
          undefined,
        ) as SelectionRange;
      }),
    ),
  );
  connection.onCodeLens(
    about(({ root, source }, { textDocument: { uri } }) =>
      codeLenses(root, findLastBuilds(source.path)).map(({ span, image, title, command }) => ({
        range: converter.range(source, span),
        command: { title, command: command === undefined ? "" : COMMANDS[command], arguments: [uri, image] },
      })),
    ),
  );
  const pulled = about(({ source }) => publisher.pull(source.path));
  connection.languages.diagnostics.on(async (params, token) => {
    const items = await pulled(params, token);
    if (items instanceof ResponseError)
      return new ResponseError<DiagnosticServerCancellationData>(items.code, items.message);
    return { kind: DocumentDiagnosticReportKind.Full, items: items ?? [] };
  });
}
