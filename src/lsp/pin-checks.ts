/** Looks for newer pins when the user asks, and keeps the answers until the text of the file changes. */
import { MessageType, ShowMessageNotification, type Connection } from "vscode-languageserver/node";
import type { CheckResult, Spec } from "../language/index.ts";
import { messageOf } from "../util/errors.ts";
import { pinHints, referenceSettings, type PinHint, type Pins } from "./outdated-pins.ts";

/** The command; its argument is the file's URI. */
export const CHECK_PINS = { command: "imgc.checkPins", title: "Look for newer bases and package sets" };

/** Resolves the references of a spec. `failures`: a message for each reference that cannot be resolved. */
export type ResolvePins = (
  file: string,
  spec: Spec,
  options: { signal: AbortSignal; onLine: (line: string) => void },
) => Promise<{ pins: Pins; failures: string[] }>;

/** Reads the pins of the lock file beside a file. Throws if the lock file is damaged. */
export type ReadPins = (file: string) => Pins;

export class PinChecks {
  readonly #connection: Connection;
  readonly #resolve: ResolvePins;
  readonly #read: ReadPins;
  readonly #onFound: () => void;
  readonly #running = new Map<string, AbortController>();
  /** The current pins of each open file, and the text whose references they pin. */
  readonly #found = new Map<string, { text: string; pins: Pins }>();

  constructor(connection: Connection, resolve: ResolvePins, read: ReadPins, onFound: () => void) {
    this.#connection = connection;
    this.#resolve = resolve;
    this.#read = read;
    this.#onFound = onFound;
  }

  /** Resolves the references of a file, and ends the previous lookup for the file. */
  async start(path: string, result: CheckResult): Promise<void> {
    const { spec, root } = result;
    if (spec === undefined) {
      await this.#show(MessageType.Error, `${path} has errors; correct the errors, then look for newer pins again`);
      return;
    }
    this.#running.get(path)?.abort();
    const controller = new AbortController();
    const { signal } = controller;
    this.#running.set(path, controller);
    const progress = await this.#connection.window.createWorkDoneProgress();
    progress.begin(CHECK_PINS.title, undefined, undefined, true);
    progress.token.onCancellationRequested(() => controller.abort());
    try {
      const { pins, failures } = await this.#resolve(path, spec, { signal, onLine: (line) => progress.report(line) });
      if (signal.aborted) return;
      this.#found.set(path, { text: root.source.text, pins });
      const hints = pinHints(path, referenceSettings(result), this.#read(path), pins);
      if (failures.length > 0) await this.#show(MessageType.Error, failures.join("; "));
      else if (hints.length === 0)
        await this.#show(MessageType.Info, "imgc.lock pins the current bases and package sets");
      this.#onFound();
    } catch (error) {
      if (!signal.aborted) await this.#show(MessageType.Error, messageOf(error));
    } finally {
      progress.done();
      if (this.#running.get(path) === controller) this.#running.delete(path);
    }
  }

  /** The hints for a file, from the lock file on disk; empty if the text has changed since the lookup. */
  of(path: string, result: CheckResult): PinHint[] {
    const found = this.#found.get(path);
    if (found?.text !== result.root.source.text) return [];
    try {
      return pinHints(path, referenceSettings(result), this.#read(path), found.pins);
    } catch {
      // The lock file became damaged after the lookup; `imgc build` reports the damage.
      return [];
    }
  }

  /** Forgets a file that changes or is closed. */
  forget(path: string): void {
    this.#running.get(path)?.abort();
    this.#running.delete(path);
    this.#found.delete(path);
  }

  /** The requests that show messages fail in editors that only know notifications. */
  async #show(type: MessageType, message: string): Promise<void> {
    await this.#connection.sendNotification(ShowMessageNotification.type, { type, message });
  }
}
