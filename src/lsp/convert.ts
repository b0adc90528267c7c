// Between paths with offsets and the protocol's URIs with lines and UTF-16 columns.
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Location, Position, Range } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Place } from "../diagnostics/diagnostic.ts";
import type { Source, Span } from "../language/index.ts";

/** The path of a URI; what is not a file is known by its URI. */
export function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch {
    return uri;
  }
}

/** Converts places of the texts it was given; a text is divided into lines once. */
export class Converter {
  readonly #documents = new Map<string, { text: string; document: TextDocument }>();
  readonly #uris = new Map<string, string>();

  /** Remembers how the editor itself writes a file's URI. */
  know(path: string, uri: string): void {
    this.#uris.set(path, uri);
  }

  forget(path: string): void {
    this.#documents.delete(path);
    this.#uris.delete(path);
  }

  uri(path: string): string {
    return this.#uris.get(path) ?? (path.startsWith("/") ? pathToFileURL(path).href : path);
  }

  offset(source: Source, position: Position): number {
    return this.#document(source).offsetAt(position);
  }

  position(source: Source, offset: number): Position {
    return this.#document(source).positionAt(offset);
  }

  range(source: Source, { start, end }: Span): Range {
    const document = this.#document(source);
    return { start: document.positionAt(start), end: document.positionAt(end) };
  }

  span(source: Source, { start, end }: Range): Span {
    return { start: this.offset(source, start), end: this.offset(source, end) };
  }

  /** A place in one of several files; nothing where the file is not among them. */
  location({ file, span }: Place, sources: ReadonlyMap<string, Source>): Location | undefined {
    const source = sources.get(file);
    return source && { uri: this.uri(file), range: this.range(source, span) };
  }

  #document({ path, text }: Source): TextDocument {
    const known = this.#documents.get(path);
    if (known !== undefined && known.text === text) return known.document;
    const document = TextDocument.create(this.uri(path), "imgspec", 0, text);
    this.#documents.set(path, { text, document });
    return document;
  }
}
