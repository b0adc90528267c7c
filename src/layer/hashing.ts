/** The phase that a builder reports while it hashes layers. `nix build` shows the phase, and imgc reads it. */

export interface Hashing {
  label: string;
  /** The layer's number, from 1, among the layers of the derivation. */
  layer: number;
  of: number;
  /** The bytes of tar streams that the derivation has hashed. */
  bytes: number;
}

/** Milliseconds between two reports. */
const INTERVAL = 200;

export function hashingPhase({ label, layer, of, bytes }: Hashing): string {
  return `hashing ${label} (layer ${layer} of ${of}, ${bytes} B)`;
}

export function parseHashingPhase(phase: string): Hashing | undefined {
  const match = /^hashing (.*) \(layer (\d+) of (\d+), (\d+) B\)$/s.exec(phase);
  if (match === null) return undefined;
  const [, label = "", layer, of, bytes] = match;
  return { label, layer: Number(layer), of: Number(of), bytes: Number(bytes) };
}

/** Indexes of the counts of a report: started layers, and hashed bytes. */
const [LAYERS, BYTES] = [0, 1] as const;
/** The number of counts of a report. */
export const HASHING_COUNTS = 2;

/** Reports the progress of hashing the layers of a derivation. */
export class HashingReport {
  readonly #of: number;
  readonly #report: (phase: string) => void;
  readonly #counts: BigInt64Array;
  #label = "";
  #last = 0;

  /** `counts`: the counts of all threads that hash layers of the derivation. */
  constructor(of: number, report: (phase: string) => void, counts: BigInt64Array = new BigInt64Array(HASHING_COUNTS)) {
    [this.#of, this.#report, this.#counts] = [of, report, counts];
  }

  start(label: string): void {
    this.#label = label;
    Atomics.add(this.#counts, LAYERS, 1n);
    this.#send();
  }

  readonly add = (chunk: Buffer): void => {
    Atomics.add(this.#counts, BYTES, BigInt(chunk.length));
    if (performance.now() - this.#last >= INTERVAL) this.#send();
  };

  /** Reports the final number of bytes. */
  finish(): void {
    this.#send();
  }

  #send(): void {
    this.#last = performance.now();
    const count = (index: number) => Number(Atomics.load(this.#counts, index));
    this.#report(hashingPhase({ label: this.#label, layer: count(LAYERS), of: this.#of, bytes: count(BYTES) }));
  }
}
