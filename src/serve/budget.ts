/**
 * Limits the bytes that are made for each client. Each request costs the size of the whole blob, even for a range or an
 * aborted download. Most of the bytes that the client receives are refunded, since many users may share one address.
 */

/** In each period, a client may use BYTES or, if that is more, ROUNDS times the size of the requested blob. */
const BYTES = 16 * 2 ** 30;
const ROUNDS = 16;
/** The period in milliseconds. Used bytes are restored evenly over the period. */
const PERIOD = 600_000;
/** The share of received bytes that is not refunded. */
const RECEIVED_SHARE = 1 / 16;
const MAX_CLIENTS = 4096;

interface Account {
  /** The bytes that are used and not yet restored at the time `at`. */
  used: number;
  at: number;
}

export class Budget {
  readonly #accounts = new Map<string, Account>();
  readonly #bytes: number;
  readonly #now: () => number;

  /** `now`: returns milliseconds of a monotonic clock. */
  constructor(bytes = BYTES, now: () => number = () => performance.now()) {
    this.#bytes = bytes;
    this.#now = now;
  }

  /** Charges a client for `size` bytes; if the budget is exceeded, charges nothing and returns the seconds to wait. */
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

  /** Refunds most of the bytes that a client received. */
  refund(client: string, received: number): void {
    const account = this.#accounts.get(client);
    if (account !== undefined) account.used = Math.max(0, account.used - received * (1 - RECEIVED_SHARE));
  }
}

/** The client with an address: for IPv6, the /64 network, since one client usually has all addresses of the network. */
export function clientOf(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return address;
  const [head = "", tail = ""] = address.split("::");
  const groups = head.split(":");
  const missing = 8 - groups.length - tail.split(":").length;
  return [...groups, ...Array.from({ length: missing }, () => "0")].slice(0, 4).join(":");
}
