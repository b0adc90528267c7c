/** Lets several threads of a builder work on one list, as many as Nix allows. */
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";

/** The memory that all threads of a list share. */
export interface SharedList {
  /** The index of the next item that no thread has taken. */
  next: Int32Array;
  /** Counts for the action of the threads, such as the number of hashed bytes. */
  counts: BigInt64Array;
}

/** Milliseconds of work after which a second thread saves more time than its start takes. */
const START_AFTER = 60;
/** Limit of threads: each takes memory, and Nix may run several builders at once. */
const MAX_THREADS = 4;

/** `counts`: the length of `SharedList.counts`. */
export function sharedList(counts: number): SharedList {
  return {
    next: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    counts: new BigInt64Array(new SharedArrayBuffer(counts * BigInt64Array.BYTES_PER_ELEMENT)),
  };
}

/** The indexes of the items that this thread gets, out of `length` items. */
export function* taken({ next }: SharedList, length: number): Generator<number> {
  for (let i = Atomics.add(next, 0, 1); i < length; i = Atomics.add(next, 0, 1)) yield i;
}

/** Threads that run an action of this program beside its main thread. */
export class HelperThreads {
  readonly #started = performance.now();
  readonly #running: Promise<void>[] = [];
  readonly #workers: Worker[] = [];
  #isDecided = false;
  readonly #action: string;
  readonly #data: unknown;
  readonly #left: () => number;

  /** `data`: the threads' `workerData`. `left`: the number of items that no thread has taken. */
  constructor(action: string, data: unknown, left: () => number) {
    [this.#action, this.#data, this.#left] = [action, data, left];
  }

  /** Starts the threads if the work takes long. The main thread calls this repeatedly. */
  readonly startIfLong = (): void => {
    if (this.#isDecided || performance.now() - this.#started < START_AFTER) return;
    this.#isDecided = true;
    const count = Math.min(allowedThreads(), this.#left() + 1) - 1;
    for (let i = 0; i < count; i++) this.#running.push(this.#start());
  };

  async #start(): Promise<void> {
    // Loaded at first use, since most builders start no thread.
    const threads = process.getBuiltinModule("node:worker_threads");
    const worker = new threads.Worker(process.argv[1] as string, { argv: [this.#action], workerData: this.#data });
    this.#workers.push(worker);
    const exited = new Promise<number>((resolve, reject) => worker.on("error", reject).on("exit", resolve));
    // The main thread awaits the result later.
    exited.catch(() => {});
    if ((await exited) !== 0) process.exitCode = 1;
  }

  async finish(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Stops the threads that still run because the main thread or another thread failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(async (worker) => await worker.terminate()));
  }
}

/** The limit of threads, with the main thread. `NIX_BUILD_CORES` is the number of cores that Nix gives to a build; 0 means all. */
export function allowedThreads(): number {
  const cores = Number(process.env["NIX_BUILD_CORES"] ?? 1);
  return Math.min(cores > 0 ? cores : availableParallelism(), availableParallelism(), MAX_THREADS);
}
