/** Unpacks a zip archive. yauzl checks sizes, but neither names nor CRC-32 sums. */
import { crc32 } from "node:zlib";
import { getFileNameLowLevel, openPromise, type Entry } from "yauzl";
import { BuildError } from "../build-error.ts";
import { nameText, type TreeWriter } from "./tree-writer.ts";

/** Systems whose entries have Unix modes (APPNOTE.TXT, 4.4.2.2): Unix and macOS. */
const UNIX = new Set([3, 19]);
const KIND = 0o170000;
const LINK = 0o120000;
const FILE = 0o100000;
/** Limit of a link's target: PATH_MAX of Linux. */
const MAX_TARGET = 4096;

export async function unpackZip(archive: string, writer: TreeWriter): Promise<void> {
  const zip = await openPromise(archive, { autoClose: false, decodeStrings: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const { generalPurposeBitFlag: flags, fileNameRaw, extraFields, uncompressedSize: size } = entry;
      const fileName = getFileNameLowLevel(flags, fileNameRaw, extraFields, false);
      const name = Buffer.from(fileName).toString("latin1");
      const mode = modeOf(entry);
      const kind = (mode ?? 0) & KIND;
      if (entry.isEncrypted()) throw new BuildError(`its entry ${nameText(name)} is encrypted`);
      if (fileName.endsWith("/")) {
        writer.directory(name, (mode ?? 0o755) & 0o7777);
        continue;
      }
      if (![0, FILE, LINK].includes(kind)) {
        throw new BuildError(`its entry ${nameText(name)} is neither a file, a folder nor a link`);
      }
      const isLink = kind === LINK;
      if (isLink && size > MAX_TARGET)
        throw new BuildError(`its link ${nameText(name)} has a target of more than ${MAX_TARGET} bytes`);
      const target: Buffer[] = [];
      const take = isLink
        ? (piece: Buffer) => void target.push(Buffer.from(piece))
        : writer.file(name, (mode ?? 0o644) & 0o7777, size);
      let sum = 0;
      for await (const piece of await zip.openReadStreamPromise(entry)) {
        sum = crc32(piece as Buffer, sum);
        take(piece as Buffer);
      }
      if (sum !== entry.crc32) throw new BuildError(`its entry ${nameText(name)} is damaged: its CRC-32 sum differs`);
      if (isLink) writer.link(name, Buffer.concat(target).toString("latin1"));
    }
  } finally {
    zip.close();
  }
}

/** Undefined if the entry was written on a system without Unix modes. */
function modeOf({ versionMadeBy, externalFileAttributes }: Entry): number | undefined {
  const mode = externalFileAttributes >>> 16;
  return UNIX.has(versionMadeBy >> 8) && mode !== 0 ? mode : undefined;
}
