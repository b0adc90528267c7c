/** Unpacks an archive. Its format is recognised by its first bytes, not by its name. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { sniff } from "../../layer/decompress.ts";
import { TarError } from "../../layer/read-tar.ts";
import { BuildError } from "../build-error.ts";
import { TreeWriter } from "./tree-writer.ts";
import { unpacked, unpackTar } from "./unpack-tar.ts";
import { unpackZip } from "./unpack-zip.ts";

/** Unpacks into an empty folder. Returns the modes that differ from the default of their entries (layer/modes.ts). */
export async function extractArchive(
  archive: string,
  into: string,
  { strip, xz }: { strip: number; xz: string | null },
): Promise<Record<string, number>> {
  const { size } = statSync(archive);
  if (!statSync(archive).isFile()) throw new BuildError("it is a folder, not an archive: use `copy` for folders");
  const writer = new TreeWriter(into, { strip, size });
  const format = formatOf(archive);
  if (format === "zip") await unpackZip(archive, writer);
  else {
    try {
      await unpackTar(unpacked(archive, format, xz), writer);
    } catch (error) {
      if (!(error instanceof TarError) || !writer.isEmpty) throw error;
      throw new BuildError(
        `it is not an archive of a supported format (tar, also with gzip, xz or zstd, or zip): ${error.message}`,
      );
    }
  }
  if (writer.isEmpty) {
    throw new BuildError(strip === 0 ? "the archive is empty" : `\`strip ${strip}\` leaves no file of the archive`);
  }
  return writer.modes;
}

/** Recognises the format by the first bytes. */
function formatOf(archive: string): "zip" | "xz" | ReturnType<typeof sniff> {
  const start = Buffer.alloc(6);
  const fd = openSync(archive, "r");
  try {
    readSync(fd, start, 0, start.length, 0);
  } finally {
    closeSync(fd);
  }
  const magic = start.toString("latin1");
  if (magic === "\u00fd7zXZ\0") return "xz";
  if (magic.startsWith("PK\u0003\u0004") || magic.startsWith("PK\u0005\u0006")) return "zip";
  if (magic.startsWith("BZh"))
    throw new BuildError("it is compressed with bzip2, which imgc does not support: use gzip, xz or zstd");
  return sniff(start.subarray(0, 4));
}
