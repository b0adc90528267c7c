/**
 * Limits the bytes that are made for each client. A range, and an aborted download, cost as much as the whole blob.
 * Received bytes count only for a part, since many users may share one address.
 */

/** The larger of BYTES and ROUNDS times the blob may be made for a client in a period… */
const BYTES = 16 * 2 ** 30;
const ROUNDS = 16;
/** …of so many milliseconds. Used bytes are restored evenly over the period. */
const PERIOD = 600_000;
/** The share of received bytes that counts as used. */
const RECEIVED_SHARE = 1 / 16;
const MAX_CLIENTS = 4096;

interface Account {
  /** Used and not yet restored bytes at the time `at`. */
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

/** The client of an address: for IPv6 the /64 network, since one client has all its addresses. */
export function clientOf(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return address;
  const [head = "", tail = ""] = address.split("::");
  const groups = head.split(":");
  const missing = 8 - groups.length - tail.split(":").length;
  return [...groups, ...Array.from({ length: missing }, () => "0")].slice(0, 4).join(":");
}
