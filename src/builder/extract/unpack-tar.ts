/** Unpacks a tar archive, compressed or not. */
import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { TarReader, type TakeContent, type TarEntry } from "../../layer/read-tar.ts";
import { decompress, type Algorithm } from "../../layer/decompress.ts";
import { BuildError } from "../build-error.ts";
import { nameText, type TreeWriter } from "./tree-writer.ts";

const PIECE = 1 << 20;
/** xz's option for its memory limit. */
const XZ_MEMORY = "--memlimit=1GiB";
const REFUSED_TYPES: Record<string, string> = {
  "3": "a device",
  "4": "a device",
  "6": "a pipe",
  S: "a sparse file",
};

/** The decompressed bytes of an archive; `xz`: the path of the program, or null. */
export function unpacked(archive: string, algorithm: Algorithm | "xz", xz: string | null): AsyncIterable<Buffer> {
  if (algorithm === "xz") return unxz(archive, xz);
  const packed = createReadStream(archive, { highWaterMark: PIECE }) as AsyncIterable<Buffer>;
  return decompress(packed, algorithm);
}

/** Runs xz, since Node.js cannot read its format. */
async function* unxz(archive: string, xz: string | null): AsyncGenerator<Buffer> {
  if (xz === null) {
    throw new BuildError(
      "it is compressed with xz: give it a name such as `….tar.xz`, and use a package set with `xz`",
    );
  }
  const child = spawn(xz, ["--decompress", "--stdout", XZ_MEMORY, "--", archive], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const messages: Buffer[] = [];
  child.stderr.on("data", (piece: Buffer) => messages.push(piece));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  // The process may fail before `ended` is awaited; do not crash with an unhandled rejection.
  ended.catch(() => {});
  try {
    for await (const piece of child.stdout) yield piece as Buffer;
    if ((await ended) !== 0) throw new BuildError(`xz cannot unpack it: ${Buffer.concat(messages).toString().trim()}`);
  } finally {
    child.kill();
  }
}

export async function unpackTar(stream: AsyncIterable<Buffer>, writer: TreeWriter): Promise<void> {
  const tar = new TarReader((entry) => add(entry, writer));
  for await (const piece of stream) tar.push(piece);
  tar.end();
}

function add(entry: TarEntry, writer: TreeWriter): TakeContent | undefined {
  const { name, type, mode, target, size, records } = entry;
  const isSparse = [...records.keys()].some((key) => key.startsWith("GNU.sparse."));
  const refused = isSparse ? "a sparse file" : REFUSED_TYPES[type];
  if (refused !== undefined) {
    throw new BuildError(`its entry ${nameText(name)} is ${refused}, which \`extract\` does not support`);
  }
  if (type === "0" || type === "7") return writer.file(name, mode, size);
  if (type === "1") writer.hardLink(name, target);
  else if (type === "2") writer.link(name, target);
  else if (type === "5") writer.directory(name, mode);
  else throw new BuildError(`its entry ${nameText(name)} has the unknown type ${JSON.stringify(type)}`);
  return undefined;
}
