/**
 * Bounds the work that a client can cause, whether it takes what is made or not: layers of so many bytes are made for it
 * in a while, and more it may ask for later. What counts is made bytes, as a range costs as much as the whole blob.
 */

/** Everything that is shown may be made so many times over for a client… */
const ROUNDS = 16;
/** …in so many milliseconds; what was used comes back evenly. */
const PERIOD = 600_000;
const MAX_CLIENTS = 4096;

interface Account {
  /** Bytes used and not come back yet, as of `at`. */
  used: number;
  at: number;
}

export class Budget {
  readonly #accounts = new Map<string, Account>();
  /** Bytes of all that is shown. */
  readonly #total: () => number;
  readonly #now: () => number;

  /** `now`: milliseconds since any moment. */
  constructor(total: () => number, now: () => number = () => performance.now()) {
    this.#total = total;
    this.#now = now;
  }

  /** Counts `size` bytes to be made for a client; undefined if it may have them, else seconds that it should wait. */
  take(address: string, size: number): number | undefined {
    const allowed = ROUNDS * Math.max(this.#total(), size);
    const now = this.#now();
    const used = (account: Account) => Math.max(0, account.used - ((now - account.at) / PERIOD) * allowed);
    const client = clientOf(address);
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
}

/** Who has one address of IPv6 has a whole network of them, 64 bits of it. */
function clientOf(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return address;
  const [head = "", tail = ""] = address.split("::");
  const groups = head.split(":");
  const missing = 8 - groups.length - tail.split(":").length;
  return [...groups, ...Array.from({ length: missing }, () => "0")].slice(0, 4).join(":");
}
