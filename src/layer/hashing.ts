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

/** Reports the progress of hashing the layers of a derivation. */
export class HashingReport {
  readonly #of: number;
  readonly #report: (phase: string) => void;
  #label = "";
  #layer = 0;
  #bytes = 0;
  #last = 0;

  constructor(of: number, report: (phase: string) => void) {
    this.#of = of;
    this.#report = report;
  }

  start(label: string): void {
    this.#label = label;
    this.#layer++;
    this.#send();
  }

  readonly add = (chunk: Buffer): void => {
    this.#bytes += chunk.length;
    if (performance.now() - this.#last >= INTERVAL) this.#send();
  };

  /** Reports the final number of bytes. */
  finish(): void {
    this.#send();
  }

  #send(): void {
    this.#last = performance.now();
    this.#report(hashingPhase({ label: this.#label, layer: this.#layer, of: this.#of, bytes: this.#bytes }));
  }
}
