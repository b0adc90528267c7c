/** What the pool and its threads say to each other. Every stream has a number; a thread works on several at once. */
import type { Compression, Layer } from "../layer/recipe.ts";
import type { Range } from "./range.ts";
import type { LayerBlob } from "./layer-blob.ts";

export type Request =
  | { kind: "open"; id: number; blob: LayerBlob; range: Range | undefined }
  /** The taker is done with a piece, and one more may be sent. */
  | { kind: "taken"; id: number }
  | { kind: "cancel"; id: number }
  /** The layer's digests with this runtime's compressor. */
  | { kind: "digest"; id: number; layer: Layer; compression: Compression; root: string };

export type Answer =
  | { kind: "piece"; id: number; piece: Uint8Array<ArrayBuffer> }
  | { kind: "digested"; id: number; layer: Layer }
  | { kind: "end"; id: number }
  | { kind: "failed"; id: number; message: string; damaged: boolean };

/** Pieces that a stream may have under way: enough to keep sender and maker busy at the same time. */
export const WINDOW = 4;
