/** Answers a request for a blob. A layer's bytes are made while they are sent; wrong ones are never sent to their end. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Budget } from "./budget.ts";
import { describeMissing, missingSource, sources } from "./damage.ts";
import { DamagedLayer, type LayerBlob } from "./make.ts";
import { Busy, type LayerPool } from "./pool.ts";
import { parseRange, type Range } from "./range.ts";
import { identityHeaders, isKnown, refuse, type Refusal } from "./reply.ts";
import { isLayer, type Blob } from "./view.ts";

/** A client that takes nothing for this long is given up. */
const STALL = 60_000;
/** So long a layer that could not be made is refused without trying again. */
const REMEMBER = 30_000;

/** What happens to a layer, for those who show progress. */
export type LayerEvent =
  | { kind: "asked"; blob: LayerBlob }
  | { kind: "fetching"; blob: LayerBlob; paths: string[] }
  | { kind: "sent"; blob: LayerBlob; bytes: number }
  | { kind: "done"; blob: LayerBlob }
  | { kind: "gone"; blob: LayerBlob }
  | { kind: "damaged"; blob: LayerBlob; message: string };

/** Brings store paths here, from a binary cache say; fails with a message for the user where it cannot. */
export type Realise = (paths: string[], root: string) => Promise<void>;

export interface SendOptions {
  /** Hears what happens to layers. */
  onLayer: (event: LayerEvent) => void;
  /** Brings store paths here that are not; without it, a layer that needs one is refused. */
  realise?: Realise | undefined;
  /** Without it, any client may have layers made as often as it asks. */
  budget?: Budget | undefined;
}

export class BlobSender {
  readonly #pool: LayerPool;
  readonly #onLayer: (event: LayerEvent) => void;
  readonly #realise: Realise | undefined;
  readonly #budget: Budget | undefined;
  readonly #damaged = new Map<string, { message: string; until: number }>();

  constructor(pool: LayerPool, { onLayer, realise, budget }: SendOptions) {
    this.#pool = pool;
    this.#onLayer = onLayer;
    this.#realise = realise;
    this.#budget = budget;
  }

  async send(request: IncomingMessage, response: ServerResponse, digest: string, blob: Blob): Promise<void> {
    const size = isLayer(blob) ? blob.size : blob.bytes.length;
    if (isKnown(request, response, digest)) return;
    // If-Range with another tag: the whole blob is meant.
    const ifRange = request.headers["if-range"];
    const header = ifRange === undefined || ifRange === `"${digest}"` ? request.headers.range : undefined;
    const range = request.method === "HEAD" ? "none" : parseRange(header, size);
    if (range === "unsatisfiable") {
      const headers = { "Content-Range": `bytes */${size}` };
      refuse(response, { status: 416, code: "SIZE_INVALID", message: `the blob has ${size} bytes`, headers });
      return;
    }
    const head = () => writeHead(response, digest, size, range);
    if (isLayer(blob)) {
      const problem = this.#problem(blob);
      if (problem !== undefined) refuse(response, { status: 404, code: "BLOB_UNKNOWN", message: problem });
      else if (request.method === "HEAD") head().end();
      else {
        const seconds = this.#budget?.take(request.socket.remoteAddress ?? "", blob.size);
        if (seconds === undefined) await this.#stream(response, blob, range, head);
        else refuse(response, tooMany("so much was made for this client that it has to wait", seconds));
      }
    } else {
      head().end(request.method === "HEAD" ? undefined : range === "none" ? blob.bytes : slice(blob.bytes, range));
    }
  }

  /** What can be known before any byte is read. */
  #problem(blob: LayerBlob): string | undefined {
    const damaged = this.#damaged.get(blob.digest);
    if (damaged !== undefined && damaged.until > Date.now()) return damaged.message;
    const missing = missingSource(blob.layer.content, blob.root);
    if (missing === undefined || this.#realise !== undefined) return undefined;
    const message = describeMissing(blob.title, missing);
    this.#onLayer({ kind: "damaged", blob, message });
    return message;
  }

  async #stream(response: ServerResponse, blob: LayerBlob, range: Range | "none", head: () => void): Promise<void> {
    this.#onLayer({ kind: "asked", blob });
    try {
      await this.#fetch(blob);
      const pieces = this.#pool.bytes(blob, range === "none" ? undefined : range);
      let left = range === "none" ? blob.size : range.end - range.start;
      for await (const piece of pieces) {
        await room(response);
        // No header before the first piece: what fails at once still gets a proper answer.
        if (!response.headersSent) head();
        this.#onLayer({ kind: "sent", blob, bytes: piece.length });
        left -= piece.length;
        // The answer ends with its last byte: a client that has all of it may be gone at once, and was sent it.
        if (left > 0) response.write(piece);
        else response.end(piece);
      }
      if (!response.writableFinished && !response.destroyed) await eventOrClose(response, "finish");
      this.#onLayer({ kind: response.writableFinished ? "done" : "gone", blob });
    } catch (error) {
      this.#fail(response, blob, error);
    }
  }

  /** Brings back what the layer is made of, where it is not here. */
  async #fetch(blob: LayerBlob): Promise<void> {
    const { layer, root } = blob;
    if (this.#realise === undefined || missingSource(layer.content, root) === undefined) return;
    const paths = sources(layer.content);
    this.#onLayer({ kind: "fetching", blob, paths });
    try {
      await this.#realise(paths, root);
    } catch (error) {
      throw new DamagedLayer(`${blob.title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #fail(response: ServerResponse, blob: LayerBlob, error: unknown): void {
    if (error instanceof Busy) {
      refuse(response, tooMany(error.message, 2));
      return;
    }
    if (error instanceof Gone) {
      this.#onLayer({ kind: "gone", blob });
      response.destroy();
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof DamagedLayer) this.#damaged.set(blob.digest, { message, until: Date.now() + REMEMBER });
    this.#onLayer({ kind: "damaged", blob, message });
    // Cutting the connection is the one way to say that what was promised does not come.
    if (response.headersSent) response.destroy();
    else refuse(response, { status: 500, code: "BLOB_UNKNOWN", message });
  }
}

class Gone extends Error {}

function tooMany(message: string, seconds: number): Refusal {
  return { status: 429, code: "TOOMANYREQUESTS", message, headers: { "Retry-After": String(seconds) } };
}

async function eventOrClose(response: ServerResponse, event: "drain" | "finish"): Promise<void> {
  const signal = AbortSignal.timeout(STALL);
  const closed = new AbortController();
  try {
    const both = AbortSignal.any([signal, closed.signal]);
    await Promise.race([once(response, event, { signal: both }), once(response, "close", { signal: both })]);
  } catch {
    throw new Gone("the client takes nothing");
  } finally {
    closed.abort();
  }
}

async function room(response: ServerResponse): Promise<void> {
  if (response.writableNeedDrain && !response.destroyed) await eventOrClose(response, "drain");
  if (response.destroyed) throw new Gone("the client went away");
}

function writeHead(response: ServerResponse, digest: string, size: number, range: Range | "none"): ServerResponse {
  const headers = {
    "Content-Type": "application/octet-stream",
    "Accept-Ranges": "bytes",
    ...identityHeaders(digest),
  };
  if (range === "none") return response.writeHead(200, { ...headers, "Content-Length": size });
  return response.writeHead(206, {
    ...headers,
    "Content-Length": range.end - range.start,
    "Content-Range": `bytes ${range.start}-${range.end - 1}/${size}`,
  });
}

function slice(bytes: Buffer, { start, end }: Range): Buffer {
  return bytes.subarray(start, end);
}
