/**
 * Bounds the work that a client can cause. What counts is bytes that are made for it: a range costs as much as the whole
 * blob, and so does what it stops taking. Bytes that it took count little, since many may stand behind one address.
 */

/** So many bytes, or so many times a blob, may be made for a client that takes nothing… */
const BYTES = 16 * 2 ** 30;
const ROUNDS = 16;
/** …in so many milliseconds; what was used comes back evenly. */
const PERIOD = 600_000;
/** The part of what a client took that counts. */
const TAKEN = 1 / 16;
const MAX_CLIENTS = 4096;

interface Account {
  /** Bytes used and not come back yet, as of `at`. */
  used: number;
  at: number;
}

export class Budget {
  readonly #accounts = new Map<string, Account>();
  readonly #bytes: number;
  readonly #now: () => number;

  /** `now`: milliseconds since any moment. */
  constructor(bytes = BYTES, now: () => number = () => performance.now()) {
    this.#bytes = bytes;
    this.#now = now;
  }

  /** Counts `size` bytes to be made for a client; undefined if it may have them, else seconds that it should wait. */
  take(client: string, size: number): number | undefined {
    const allowed = Math.max(this.#bytes, ROUNDS * size);
    const now = this.#now();
    const used = (account: Account) => Math.max(0, account.used - ((now - account.at) / PERIOD) * allowed);
    if (!this.#accounts.has(client) && this.#accounts.size >= MAX_CLIENTS) {
      for (const [other, account] of this.#accounts) if (used(account) === 0) this.#accounts.delete(other);
      if (this.#accounts.size >= MAX_CLIENTS) return PERIOD / 1000;
    }
    const account = this.#accounts.get(client) ?? { used: 0, at: now };
    const after = used(account) + size;
    if (after > allowed) return Math.ceil((((after - allowed) / allowed) * PERIOD) / 1000);
    this.#accounts.set(client, { used: after, at: now });
    return undefined;
  }

  /** Of what was made for a client it got so many bytes. */
  took(client: string, bytes: number): void {
    const account = this.#accounts.get(client);
    if (account !== undefined) account.used = Math.max(0, account.used - bytes * (1 - TAKEN));
  }
}

/** Who has an address: one of IPv6 comes with a whole network of them, 64 bits of it. */
export function clientOf(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return address;
  const [head = "", tail = ""] = address.split("::");
  const groups = head.split(":");
  const missing = 8 - groups.length - tail.split(":").length;
  return [...groups, ...Array.from({ length: missing }, () => "0")].slice(0, 4).join(":");
}
