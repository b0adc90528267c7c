/**
 * Diagnostics about copied files and key files. The search reads whole folders, so another process does it in the
 * background, when a document is opened or saved.
 */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** Finds the diagnostics about the files that a description on disk names. */
export type FindFileDiagnostics = (path: string, signal: AbortSignal) => Promise<Diagnostic[]>;

export class FileDiagnostics {
  readonly #find: FindFileDiagnostics;
  readonly #onFound: () => void;
  readonly #running = new Map<string, AbortController>();
  /** The diagnostics of each open file, and the text that they are about. */
  readonly #found = new Map<string, { text: string; diagnostics: Diagnostic[] }>();

  constructor(find: FindFileDiagnostics, onFound: () => void) {
    this.#find = find;
    this.#onFound = onFound;
  }

  /** Starts a search, and ends the previous search for the file. `text`: the text of the file on disk. */
  search(path: string, text: string): void {
    this.#running.get(path)?.abort();
    const controller = new AbortController();
    this.#running.set(path, controller);
    void this.#find(path, controller.signal).then(
      (diagnostics) => {
        if (controller.signal.aborted) return;
        this.#found.set(path, { text, diagnostics });
        this.#onFound();
      },
      // If a search fails, the editor still has all other diagnostics.
      () => {},
    );
  }

  /** The diagnostics for a file with this text; empty if the text has changed since the search. */
  of(path: string, text: string): Diagnostic[] {
    const found = this.#found.get(path);
    return found?.text === text ? found.diagnostics : [];
  }

  forget(path: string): void {
    this.#running.get(path)?.abort();
    this.#running.delete(path);
    this.#found.delete(path);
  }
}
