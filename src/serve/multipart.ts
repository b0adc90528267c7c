/** The body of an answer with several ranges (RFC 9110, section 14.6): a part for each range, in the order of the request. */
import { randomBytes } from "node:crypto";
import type { Range } from "./range.ts";

export class Multipart {
  readonly #ranges: Range[];
  readonly #blobSize: number;
  readonly #boundary = randomBytes(16).toString("hex");

  constructor(ranges: Range[], blobSize: number) {
    this.#ranges = ranges;
    this.#blobSize = blobSize;
  }

  get contentType(): string {
    return `multipart/byteranges; boundary=${this.#boundary}`;
  }

  /** Of the body, in bytes. */
  get size(): number {
    const parts = this.#ranges.map((range) => this.#head(range).length + range.end - range.start);
    return parts.reduce((sum, size) => sum + size, this.#end.length);
  }

  /** The body. `pieces`: the bytes of the ranges, in their order. */
  async *body(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let index = 0;
    let left = 0;
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length;) {
        if (left === 0) {
          const range = this.#ranges[index++];
          if (range === undefined) throw new Error("there are more bytes than the ranges have");
          left = range.end - range.start;
          yield this.#head(range);
        }
        const bytes = piece.subarray(at, at + left);
        at += bytes.length;
        left -= bytes.length;
        yield bytes;
      }
    }
    yield this.#end;
  }

  #head({ start, end }: Range): Buffer {
    const lines = [
      `\r\n--${this.#boundary}`,
      "Content-Type: application/octet-stream",
      `Content-Range: bytes ${start}-${end - 1}/${this.#blobSize}`,
    ];
    return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  }

  get #end(): Buffer {
    return Buffer.from(`\r\n--${this.#boundary}--\r\n`);
  }
}
