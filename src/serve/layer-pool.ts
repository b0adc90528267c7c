/** A pool of threads that make layers: one thread per core, started when needed, each with several streams at once. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Compression, Layer } from "../layer/recipe.ts";
import { DamagedLayer, isFile, layerBytes } from "./layer-bytes.ts";
import type { Answer, Request } from "./worker-messages.ts";
import type { Range } from "./range.ts";
import { Slots } from "./slots.ts";
import type { LayerBlob } from "./layer-blob.ts";
import { messageOf } from "../util/errors.ts";

const STREAMS_PER_THREAD = 4;

interface Thread {
  worker: Worker;
  /** The listener of each stream's answers. */
  listeners: Map<number, (answer: Answer) => void>;
}

export interface BytesOptions {
  /** In ascending order; undefined: the whole blob. */
  ranges?: Range[] | undefined;
  /** The client, whose share of the threads is limited; undefined if there is only one client. */
  client?: string | undefined;
  /** Called before the work starts; may throw to refuse it. */
  onTurn?: () => void;
}

export class LayerPool {
  readonly #threads: Thread[] = [];
  readonly #size = availableParallelism();
  readonly #slots = new Slots(this.#size * STREAMS_PER_THREAD);
  #next = 0;

  constructor() {
    // Compression runs on libuv's threads, which all workers share.
    process.env["UV_THREADPOOL_SIZE"] ??= String(Math.max(4, this.#size * 2));
  }

  /** The blob's bytes, or some ranges of them. Returning from the generator early stops the work. */
  async *bytes(
    blob: LayerBlob,
    { ranges, client, onTurn = () => {} }: BytesOptions = {},
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const free = await this.#slots.take(client);
    try {
      onTurn();
      // Reading a file needs no thread of its own; starting one takes more time and memory than most pushes.
      if (client === undefined && isFile(blob)) {
        yield* layerBytes(blob, ranges);
        return;
      }
      const stream = this.#open((id) => ({ kind: "open", id, blob, ranges }));
      try {
        for (;;) {
          const answer = await stream.answer();
          if (answer.kind === "end") return;
          if (answer.kind !== "piece") continue;
          stream.say({ kind: "taken", id: stream.id });
          yield answer.piece;
        }
      } finally {
        stream.close();
      }
    } finally {
      free();
    }
  }

  /** The layer, with the digest and size of its blob as compressed by this runtime. */
  async digest(layer: Layer, compression: Compression, root: string): Promise<Layer> {
    const free = await this.#slots.take();
    try {
      const stream = this.#open((id) => ({ kind: "digest", id, layer, compression, root }));
      try {
        const answer = await stream.answer();
        if (answer.kind !== "digested") throw new Error(`a layer thread answered ${answer.kind}`);
        return answer.layer;
      } finally {
        stream.close();
      }
    } finally {
      free();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.splice(0).map(({ worker }) => worker.terminate()));
  }

  #open(request: (id: number) => Request) {
    const thread = this.#thread();
    const id = this.#next++;
    const answers: Answer[] = [];
    let wake = () => {};
    thread.listeners.set(id, (answer) => {
      answers.push(answer);
      wake();
    });
    const say = (message: Request) => thread.worker.postMessage(message, []);
    say(request(id));
    return {
      id,
      say,
      async answer(): Promise<Answer> {
        while (answers.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const answer = answers.shift() as Answer;
        if (answer.kind === "failed") throw new (answer.damaged ? DamagedLayer : Error)(answer.message);
        return answer;
      },
      close() {
        thread.listeners.delete(id);
        say({ kind: "cancel", id });
      },
    };
  }

  /** The thread with the fewest streams. Starts a thread if all are busy and there are fewer threads than cores. */
  #thread(): Thread {
    const least = this.#threads.toSorted((a, b) => a.listeners.size - b.listeners.size)[0];
    if (least !== undefined && (least.listeners.size === 0 || this.#threads.length >= this.#size)) return least;
    const thread: Thread = { worker: new Worker(workerFile()), listeners: new Map() };
    this.#threads.push(thread);
    thread.worker.on("message", (answer: Answer) => thread.listeners.get(answer.id)?.(answer));
    // A thread that dies (probably out of memory) ends its own streams only.
    const died = (reason: string) => {
      const at = this.#threads.indexOf(thread);
      if (at >= 0) this.#threads.splice(at, 1);
      for (const [id, listener] of thread.listeners) {
        listener({ kind: "failed", id, message: `a layer thread died: ${reason}`, damaged: false });
      }
    };
    thread.worker.on("error", (error) => died(messageOf(error)));
    thread.worker.on("exit", () => died("it exited"));
    return thread;
  }
}

/** In development, the source beside this file; when installed, the bundle in `dist`. */
function workerFile(): string {
  const source = join(import.meta.dirname, "layer-worker.ts");
  return existsSync(source) ? source : join(import.meta.dirname, "layer-worker.cjs");
}
