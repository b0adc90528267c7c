/** The files of a foreign base that its content file leaves out (files.json), and copies of their bytes for rules. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import * as z from "zod/mini";
import { blobBytes, unpack } from "../../layer/bytes.ts";
import { TarReader } from "../../layer/read-tar.ts";
import { PreservedAttributes, type Layer, type RootEntry } from "../../layer/recipe.ts";
import { DEVICES } from "../../layer/tar.ts";
import { BuildError } from "../build-error.ts";

const Count = z.number().check(z.int(), z.nonnegative());
const Common = { path: z.string(), uid: Count, gid: Count, kept: z.optional(PreservedAttributes) };

export const BaseFile = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("file"),
    ...Common,
    mode: Count,
    /** In bytes. */
    size: Count,
    /** The layer that has the bytes, 0 for the deepest, and the offset of the bytes in its tar stream. */
    layer: Count,
    offset: Count,
  }),
  z.strictObject({ kind: z.literal("link"), ...Common, target: z.string() }),
  z.strictObject({
    kind: z.literal("device"),
    ...Common,
    mode: Count,
    device: z.enum(DEVICES),
    major: Count,
    minor: Count,
  }),
  /** A file or folder that no entry can write again, such as one with a name that is not UTF-8. */
  z.strictObject({ kind: z.literal("other"), path: z.string() }),
]);
export type BaseFile = z.infer<typeof BaseFile>;

type Place = Pick<Extract<BaseFile, { kind: "file" }>, "layer" | "offset">;

/** The path to which `writeContents` writes the bytes of a file. Hard links of a file have the same path. */
export function contentsPath(folder: string, { layer, offset }: Place): string {
  return `${folder}/${layer}-${offset}`;
}

function placeOf(path: string): Place {
  const [layer, offset] = basename(path).split("-").map(Number) as [number, number];
  return { layer, offset };
}

/** Writes the bytes that `entries` copy from `folder`. Each layer that has some of them is read once. */
export async function writeContents(folder: string, entries: RootEntry[], layers: Layer[]): Promise<void> {
  mkdirSync(folder);
  const paths = entries.flatMap((entry) =>
    entry.kind === "copy" && entry.source.startsWith(`${folder}/`) ? [entry.source] : [],
  );
  const byLayer = Map.groupBy(new Set(paths), (path) => placeOf(path).layer);
  for (const [layer, wanted] of byLayer) {
    const byOffset = new Map(wanted.map((path) => [placeOf(path).offset, path]));
    await writeFromLayer(layers[layer] as Layer, byOffset);
  }
}

async function writeFromLayer({ name, content, compression }: Layer, wanted: Map<number, string>): Promise<void> {
  if (content.blob === undefined) throw new BuildError(`${name} has no blob to read files from`);
  const tar = new TarReader(({ offset }) => {
    const path = wanted.get(offset);
    if (path === undefined) return undefined;
    wanted.delete(offset);
    writeFileSync(path, "");
    return (piece) => appendFileSync(path, piece);
  });
  for await (const piece of unpack(blobBytes(content.blob, ""), compression) as AsyncIterable<Buffer>) tar.push(piece);
  const [missing] = wanted.keys();
  if (missing !== undefined) throw new BuildError(`${name} has no file at offset ${missing}`);
}
