/** Messages between the pool and its threads. Each stream has a number; a thread works on several streams at once. */
import type { Compression, Layer } from "../layer/recipe.ts";
import type { Range } from "./range.ts";
import type { LayerBlob } from "./layer-blob.ts";

export type Request =
  | { kind: "open"; id: number; blob: LayerBlob; ranges: Range[] | undefined }
  /** A piece was consumed; the thread may send one more. */
  | { kind: "taken"; id: number }
  | { kind: "cancel"; id: number }
  /** Compute the layer's digests with this runtime's compressor. */
  | { kind: "digest"; id: number; layer: Layer; compression: Compression; root: string };

export type Answer =
  | { kind: "piece"; id: number; piece: Uint8Array<ArrayBuffer> }
  | { kind: "digested"; id: number; layer: Layer }
  | { kind: "end"; id: number }
  | { kind: "failed"; id: number; message: string; damaged: boolean };

/** The number of unconsumed pieces of a stream: enough to keep both sides busy. */
export const WINDOW = 4;
