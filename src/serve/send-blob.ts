/** Answers a request for a blob. Layers are made while they are sent; a damaged layer is never sent completely. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { clientOf, type Budget } from "./budget.ts";
import { describeMissing, missingSource } from "./damage.ts";
import { sources } from "../layer/sources.ts";
import { DamagedLayer } from "./layer-bytes.ts";
import { ClientGone, SendTimeout } from "./send-timeout.ts";
import type { LayerPool } from "./layer-pool.ts";
import { Multipart } from "./multipart.ts";
import { parseRanges, type Range } from "./range.ts";
import { identityHeaders, isKnown, refuse, type Refusal } from "./reply.ts";
import { Busy } from "./slots.ts";
import { isLayer, type Blob } from "./view.ts";
import type { LayerBlob } from "./layer-blob.ts";
import { messageOf, EXIT, ImgcError } from "../util/errors.ts";

/** Milliseconds for which a damaged layer is refused without trying again. */
const REMEMBER = 30_000;

/** The progress of a layer. "gone": the client disconnected or timed out. */
export type LayerEvent =
  | { kind: "asked"; blob: LayerBlob }
  | { kind: "fetching"; blob: LayerBlob; paths: string[] }
  | { kind: "sent"; blob: LayerBlob; bytes: number }
  | { kind: "done"; blob: LayerBlob }
  | { kind: "gone"; blob: LayerBlob }
  | { kind: "damaged"; blob: LayerBlob; message: string };

/** Fetches missing store paths, for example from a binary cache. The messages of its errors are for users. */
export type Realise = (paths: string[], root: string) => Promise<void>;

export interface SendOptions {
  /** Called for each event of a layer. */
  onLayer: (event: LayerEvent) => void;
  /** Fetches missing store paths; if undefined, layers with missing paths are refused. */
  realise?: Realise | undefined;
  /** The budget of each client; if undefined, there is one client without limits. */
  budget?: Budget | undefined;
  /** Milliseconds for which a client may receive nothing. */
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
    // If-Range with another ETag asks for the whole blob.
    const ifRange = request.headers["if-range"];
    const header = ifRange === undefined || ifRange === `"${digest}"` ? request.headers.range : undefined;
    const ranges = request.method === "HEAD" ? "none" : parseRanges(header, size);
    if (ranges === "unsatisfiable") {
      const headers = { "Content-Range": `bytes */${size}` };
      refuse(response, { status: 416, code: "SIZE_INVALID", message: `the blob has ${size} bytes`, headers });
      return;
    }
    const selected = select(ranges, size);
    const head = () => writeHead(response, digest, selected);
    if (isLayer(blob)) {
      const problem = this.#problem(blob);
      if (problem !== undefined) refuse(response, { status: 404, code: "BLOB_UNKNOWN", message: problem });
      else if (request.method === "HEAD") head().end();
      else await this.#stream(response, blob, selected, head);
    } else if (request.method === "HEAD") {
      head().end();
    } else {
      const parts = selected.ranges?.map((range) => slice(blob.bytes, range)) ?? [blob.bytes];
      const pieces: Uint8Array[] = [];
      for await (const piece of selected.body(parts)) pieces.push(piece);
      head().end(Buffer.concat(pieces));
    }
  }

  /** A problem that is known before the layer is read. */
  #problem(blob: LayerBlob): string | undefined {
    const damaged = this.#damaged.get(blob.digest);
    if (damaged !== undefined && damaged.until > Date.now()) return damaged.message;
    const missing = missingSource(blob.layer.content, blob.root);
    if (missing === undefined || this.#realise !== undefined) return undefined;
    const message = describeMissing(blob.title, missing);
    this.#onLayer({ kind: "damaged", blob, message });
    return message;
  }

  async #stream(response: ServerResponse, blob: LayerBlob, selected: Selected, head: () => void): Promise<void> {
    this.#onLayer({ kind: "asked", blob });
    const client = this.#budget === undefined ? undefined : clientOf(response.req.socket.remoteAddress ?? "");
    const timeout = new SendTimeout(response, this.#stall);
    const { size } = selected;
    let left = size;
    try {
      await this.#fetch(blob);
      const pieces = this.#pool.bytes(blob, {
        ranges: selected.ranges,
        client,
        onTurn: () => this.#admit(response, blob, client),
      });
      for await (const piece of selected.body(pieces)) {
        await timeout.room();
        // Send headers only with the first piece, so that an immediate failure still gets an error response.
        if (!response.headersSent) head();
        this.#onLayer({ kind: "sent", blob, bytes: piece.length });
        left -= piece.length;
        timeout.regain(piece.length);
        // End with the last piece, since a client may disconnect as soon as it has all bytes.
        if (left > 0) response.write(piece);
        else response.end(piece);
      }
      await timeout.finish();
      this.#onLayer({ kind: response.writableFinished ? "done" : "gone", blob });
    } catch (error) {
      this.#fail(response, blob, error);
    }
    if (client !== undefined) this.#budget?.refund(client, size - left);
  }

  /** Throws if the client disconnected or has used its budget. */
  #admit(response: ServerResponse, blob: LayerBlob, client: string | undefined): void {
    if (response.destroyed) throw new ClientGone("the client disconnected");
    const seconds = client === undefined ? undefined : this.#budget?.take(client, blob.size);
    if (seconds !== undefined) throw new OverBudget(seconds);
  }

  /** Fetches the layer's sources if one is missing. */
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
    if (error instanceof OverBudget) {
      refuse(response, tooMany("this client has requested too many bytes; try again later", error.seconds));
      return;
    }
    if (error instanceof ClientGone) {
      this.#onLayer({ kind: "gone", blob });
      response.destroy();
      return;
    }
    const message = messageOf(error);
    if (error instanceof DamagedLayer) this.#damaged.set(blob.digest, { message, until: Date.now() + REMEMBER });
    this.#onLayer({ kind: "damaged", blob, message });
    // After the headers, closing the connection is the only way to report an error.
    if (response.headersSent) response.destroy();
    else refuse(response, { status: 500, code: "BLOB_UNKNOWN", message });
  }
}

/** The client has used its budget, and must wait for `seconds`. */
class OverBudget extends ImgcError {
  readonly seconds: number;

  constructor(seconds: number) {
    super(EXIT.environment, "over budget");
    this.seconds = seconds;
  }
}

function tooMany(message: string, seconds: number): Refusal {
  return { status: 429, code: "TOOMANYREQUESTS", message, headers: { "Retry-After": String(seconds) } };
}

/** The part of a blob that answers a request. */
interface Selected {
  /** Undefined: the whole blob. */
  ranges: Range[] | undefined;
  /** The size of the body. */
  size: number;
  headers: Record<string, string>;
  /** The body, from the bytes of the ranges. */
  body(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

function select(ranges: Range[] | "none", blobSize: number): Selected {
  const [first, ...more] = ranges === "none" ? [] : ranges;
  if (first === undefined) return { ranges: undefined, size: blobSize, headers: {}, body: (pieces) => pieces };
  if (more.length === 0) {
    const headers = { "Content-Range": `bytes ${first.start}-${first.end - 1}/${blobSize}` };
    return { ranges: [first], size: first.end - first.start, headers, body: (pieces) => pieces };
  }
  const parts = new Multipart([first, ...more], blobSize);
  const headers = { "Content-Type": parts.contentType };
  return { ranges: [first, ...more], size: parts.size, headers, body: (pieces) => parts.body(pieces) };
}

function writeHead(response: ServerResponse, digest: string, { ranges, size, headers }: Selected): ServerResponse {
  return response.writeHead(ranges === undefined ? 200 : 206, {
    "Content-Type": "application/octet-stream",
    "Accept-Ranges": "bytes",
    ...identityHeaders(digest),
    "Content-Length": size,
    ...headers,
  });
}

function slice(bytes: Buffer, { start, end }: Range): Buffer {
  return bytes.subarray(start, end);
}
