/** Answers a request for a blob. A layer's bytes are made while they are sent; wrong ones are never sent to their end. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { clientOf, type Budget } from "./budget.ts";
import { describeMissing, missingSource } from "./damage.ts";
import { sources } from "../layer/sources.ts";
import { DamagedLayer } from "./layer-bytes.ts";
import { Gone, SendTimeout } from "./send-timeout.ts";
import type { LayerPool } from "./layer-pool.ts";
import { parseRange, type Range } from "./range.ts";
import { identityHeaders, isKnown, refuse, type Refusal } from "./reply.ts";
import { Busy } from "./slots.ts";
import { isLayer, type Blob } from "./view.ts";
import type { LayerBlob } from "./layer-blob.ts";
import { messageOf } from "../util/errors.ts";

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
  /** What strangers may have made; without it there is one client, which may have anything. */
  budget?: Budget | undefined;
  /** Milliseconds that a client may take nothing. */
  stall?: number | undefined;
}

export class BlobSender {
  readonly #pool: LayerPool;
  readonly #onLayer: (event: LayerEvent) => void;
  readonly #realise: Realise | undefined;
  readonly #budget: Budget | undefined;
  readonly #stall: number | undefined;
  readonly #damaged = new Map<string, { message: string; until: number }>();

  constructor(pool: LayerPool, { onLayer, realise, budget, stall }: SendOptions) {
    this.#pool = pool;
    this.#onLayer = onLayer;
    this.#realise = realise;
    this.#budget = budget;
    this.#stall = stall;
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
      else await this.#stream(response, blob, range, head);
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
    const client = this.#budget === undefined ? undefined : clientOf(response.req.socket.remoteAddress ?? "");
    const patience = new SendTimeout(response, this.#stall);
    const size = range === "none" ? blob.size : range.end - range.start;
    let left = size;
    try {
      await this.#fetch(blob);
      const pieces = this.#pool.bytes(blob, {
        range: range === "none" ? undefined : range,
        client,
        onTurn: () => this.#admit(response, blob, client),
      });
      for await (const piece of pieces) {
        await patience.room();
        // No header before the first piece: what fails at once still gets a proper answer.
        if (!response.headersSent) head();
        this.#onLayer({ kind: "sent", blob, bytes: piece.length });
        left -= piece.length;
        patience.regain(piece.length);
        // The answer ends with its last byte: a client that has all of it may be gone at once, and was sent it.
        if (left > 0) response.write(piece);
        else response.end(piece);
      }
      await patience.finish();
      this.#onLayer({ kind: response.writableFinished ? "done" : "gone", blob });
    } catch (error) {
      this.#fail(response, blob, error);
    }
    if (client !== undefined) this.#budget?.took(client, size - left);
  }

  /** Before work begins: whether it is still wanted, and may be done. */
  #admit(response: ServerResponse, blob: LayerBlob, client: string | undefined): void {
    if (response.destroyed) throw new Gone("the client went away");
    const seconds = client === undefined ? undefined : this.#budget?.take(client, blob.size);
    if (seconds !== undefined) throw new Spent(seconds);
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
      throw new DamagedLayer(`${blob.title}: ${messageOf(error)}`);
    }
  }

  #fail(response: ServerResponse, blob: LayerBlob, error: unknown): void {
    if (error instanceof Busy) {
      refuse(response, tooMany(error.message, 2));
      return;
    }
    if (error instanceof Spent) {
      refuse(response, tooMany("so much was made for this client that it has to wait", error.seconds));
      return;
    }
    if (error instanceof Gone) {
      this.#onLayer({ kind: "gone", blob });
      response.destroy();
      return;
    }
    const message = messageOf(error);
    if (error instanceof DamagedLayer) this.#damaged.set(blob.digest, { message, until: Date.now() + REMEMBER });
    this.#onLayer({ kind: "damaged", blob, message });
    // Cutting the connection is the one way to say that what was promised does not come.
    if (response.headersSent) response.destroy();
    else refuse(response, { status: 500, code: "BLOB_UNKNOWN", message });
  }
}

/** The client has to wait for so many seconds. */
class Spent extends Error {
  readonly seconds: number;

  constructor(seconds: number) {
    super();
    this.seconds = seconds;
  }
}

function tooMany(message: string, seconds: number): Refusal {
  return { status: 429, code: "TOOMANYREQUESTS", message, headers: { "Retry-After": String(seconds) } };
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
