/**
 * A worker thread that makes the bytes of layers (layer-bytes.ts) for several streams. At most WINDOW pieces of a
 * stream are sent before the receiver takes them.
 */
import { parentPort } from "node:worker_threads";
import { digestLayer } from "../layer/digest.ts";
import { requireInStore } from "../layer/sources.ts";
import { DamagedLayer, layerBytes } from "./layer-bytes.ts";
import { WINDOW, type Answer, type Request } from "./worker-messages.ts";
import { messageOf } from "../util/errors.ts";

interface Stream {
  room: number;
  cancelled: boolean;
  wake: () => void;
}

const port = parentPort;
if (port === null) throw new Error("this file is the code of a worker thread");
const streams = new Map<number, Stream>();

port.on("message", (request: Request) => {
  if (request.kind === "open" || request.kind === "digest") {
    void answer(request);
    return;
  }
  const stream = streams.get(request.id);
  if (stream === undefined) return;
  if (request.kind === "taken") stream.room++;
  else stream.cancelled = true;
  stream.wake();
});

async function answer(request: Extract<Request, { kind: "open" | "digest" }>): Promise<void> {
  const { id } = request;
  try {
    if (request.kind === "open") await send(request);
    else {
      const { layer, compression, root } = request;
      requireInStore(layer.content, root);
      say({ kind: "digested", id, layer: await digestLayer(layer.name, layer.content, compression, root) });
    }
    say({ kind: "end", id });
  } catch (error) {
    const message = messageOf(error);
    say({ kind: "failed", id, message, damaged: error instanceof DamagedLayer });
  }
  streams.delete(id);
}

async function send({ id, blob, ranges }: Extract<Request, { kind: "open" }>): Promise<void> {
  const stream: Stream = { room: WINDOW, cancelled: false, wake: () => {} };
  streams.set(id, stream);
  for await (const piece of layerBytes(blob, ranges, () => stream.cancelled)) {
    while (stream.room === 0 && !stream.cancelled) {
      await new Promise<void>((resolve) => {
        stream.wake = resolve;
      });
    }
    if (stream.cancelled) return;
    stream.room--;
    port?.postMessage({ kind: "piece", id, piece } satisfies Answer, [piece.buffer]);
  }
}

function say(message: Answer): void {
  port?.postMessage(message);
}
