/** Converts paths and offsets to the protocol's URIs, lines and UTF-16 columns, and back. */
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Location, Position, Range } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Place } from "../diagnostics/diagnostic.ts";
import type { Source, Span } from "../language/index.ts";

/** The path of a file URI; any other URI is its own path. */
export function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch {
    return uri;
  }
}

/** Converts places in texts; caches the line starts of each text. */
export class Converter {
  readonly #documents = new Map<string, { text: string; document: TextDocument }>();
  readonly #uris = new Map<string, string>();

  /** Remembers the editor's spelling of a file's URI: editors escape characters differently. */
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

  /** A place in one of the sources; undefined if its file is not among them. */
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
