/** Finds references to store paths in bytes, as Nix does: by the hash part of each path. */
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";

const HASH_LENGTH = 32;
const IS_BASE32 = new Uint8Array(256);
for (const letter of "0123456789abcdfghijklmnpqrsvwxyz") IS_BASE32[letter.charCodeAt(0)] = 1;

/** The number of bytes of a file that are searched at once. */
const PIECE = 1 << 20;

/** The paths of `known` (by hash part) to which the bytes refer. */
export function referencesIn(bytes: Buffer, known: Map<string, string>): string[] {
  const found = new Set<string>();
  for (let start = 0; start + HASH_LENGTH <= bytes.length;) {
    // Each window is searched from its end, so that most bytes without hashes are skipped.
    let at = start + HASH_LENGTH - 1;
    while (at >= start && IS_BASE32[bytes[at] as number] === 1) at--;
    if (at >= start) {
      start = at + 1;
      continue;
    }
    const path = known.get(bytes.toString("latin1", start, start + HASH_LENGTH));
    if (path !== undefined) found.add(path);
    start++;
  }
  return [...found];
}

/** The references of a file, a link, or a folder with all its content. */
export function referencesOfTree(path: string, known: Map<string, string>): Set<string> {
  const found = new Set<string>();
  const add = (bytes: Buffer): void => referencesIn(bytes, known).forEach((each) => found.add(each));
  const visit = (at: string | Buffer): void => {
    const stat = lstatSync(at);
    if (stat.isSymbolicLink()) add(readlinkSync(at, { encoding: "buffer" }));
    else if (stat.isDirectory()) {
      for (const name of readdirSync(at, { encoding: "buffer" })) {
        visit(Buffer.concat([Buffer.from(at), Buffer.from("/"), name]));
      }
    } else for (const piece of overlapping(at)) add(piece);
  };
  visit(path);
  return found;
}

/** A file in pieces. Each starts with the last bytes of the previous piece, since a hash may cross the border. */
function* overlapping(file: string | Buffer): Generator<Buffer> {
  const piece = Buffer.allocUnsafe(PIECE);
  const fd = openSync(file, "r");
  try {
    let kept = 0;
    for (;;) {
      const read = readSync(fd, piece, kept, PIECE - kept, null);
      if (read === 0) return;
      const filled = kept + read;
      yield piece.subarray(0, filled);
      kept = Math.min(HASH_LENGTH - 1, filled);
      piece.copy(piece, 0, filled - kept, filled);
    }
  } finally {
    closeSync(fd);
  }
}
