/** CRC-64/ISO, which tar-split records of each file: polynomial x^64 + x^4 + x^3 + x + 1, reflected, inverted. */

export class Crc64 {
  #low = -1;
  #high = -1;

  update(bytes: Buffer): void {
    let [low, high] = [this.#low, this.#high];
    let at = 0;
    // Four bytes at once: their product with the polynomial has at most 36 bits, so it needs no second reduction.
    for (const end = bytes.length - 3; at < end; at += 4) {
      const word =
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24);
      const x = low ^ word;
      low = high ^ (x << 31) ^ (x << 29) ^ (x << 28);
      high = x ^ (x >>> 1) ^ (x >>> 3) ^ (x >>> 4);
    }
    for (; at < bytes.length; at++) {
      const x = (low ^ (bytes[at] as number)) << 24;
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) ^ x ^ (x >>> 1) ^ (x >>> 3) ^ (x >>> 4);
    }
    [this.#low, this.#high] = [low, high];
  }

  /** Eight bytes, the most significant one first. */
  digest(): Buffer {
    const digest = Buffer.alloc(8);
    digest.writeInt32BE(~this.#high, 0);
    digest.writeInt32BE(~this.#low, 4);
    return digest;
  }
}
