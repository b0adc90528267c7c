/**
 * Store paths of a base of which a database must be told more than the base tells: those that no database registers, and
 * derivations, which Nix reads when they are registered. They are unpacked, since a path may be spread over layers.
 */
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import type { ClosureEntry } from "../image/plan-file.ts";
import { blobBytes, unpack } from "../layer/bytes.ts";
import { narDigest } from "../layer/nar.ts";
import { plainName, TarReader, type TakeContent, type TarEntry } from "../layer/read-tar.ts";
import { BuildError, storeDir } from "./attributes.ts";
import type { BaseLayer } from "./base-source.ts";
import { inputsOf } from "./derivations.ts";
import { hashPart, referencesIn } from "./references.ts";

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** Unpacks what is `wanted` of a store, by name, into a folder. */
export async function unpackStore(layers: BaseLayer[], wanted: Set<string>, into: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  if (wanted.size === 0) return;
  const folder = realpathSync(into);
  for (const { blob, algorithm } of layers) {
    const tar = new TarReader((entry) => place(entry, wanted, folder));
    const plain = unpack(blobBytes(blob, ""), { algorithm }) as AsyncIterable<Buffer>;
    for await (const piece of Readable.from(plain) as AsyncIterable<Buffer>) tar.push(piece);
  }
}

function place(entry: TarEntry, wanted: Set<string>, into: string): TakeContent | undefined {
  const at = placeOf(entry.name, wanted, into);
  if (at === undefined) return undefined;
  if (!isReal(dirname(at))) throw new BuildError(`an entry of the base lies below a link: ${entry.name}`);
  const name = basename(at);
  if (name === OPAQUE || name.startsWith(WHITEOUT)) {
    const gone = name === OPAQUE ? dirname(at) : join(dirname(at), name.slice(WHITEOUT.length));
    rmSync(gone, { recursive: true, force: true });
    return undefined;
  }
  const before = lstatSync(at, { throwIfNoEntry: false });
  if (entry.type !== "5" || before?.isDirectory() === false) rmSync(at, { recursive: true, force: true });
  mkdirSync(entry.type === "5" ? at : dirname(at), { recursive: true });
  if (entry.type === "2") symlinkSync(bytes(entry.target), at);
  else if (entry.type === "1") {
    const target = placeOf(entry.target, wanted, into);
    if (target !== undefined && existsSync(target)) cpSync(target, at);
  } else if (entry.type === "0") {
    writeFileSync(at, "");
    chmodSync(at, (entry.mode & 0o100) === 0 ? 0o644 : 0o755);
    return (piece) => appendFileSync(at, piece);
  }
  return undefined;
}

/** Where an entry of the layers goes; undefined for what is not wanted. */
function placeOf(name: string, wanted: Set<string>, into: string): string | undefined {
  const store = `${storeDir().slice(1)}/`;
  const plain = bytes(plainName(name)).toString();
  if (!plain.startsWith(store)) return undefined;
  const parts = plain.slice(store.length).split("/");
  return wanted.has((parts[0] as string).replace(/^\.wh\./, "")) && !parts.includes("..")
    ? join(into, ...parts)
    : undefined;
}

/** Whether no link is on the way to a folder, or to what of it there is. */
function isReal(folder: string): boolean {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return isReal(dirname(folder));
  return realpathSync(folder) === folder;
}

/** Names come as Latin-1. */
function bytes(name: string): Buffer {
  return Buffer.from(name, "latin1");
}

/** What a database would say of unpacked paths; `store` has the names of all that they can refer to. */
export function describePaths(folder: string, names: string[], store: string[]): ClosureEntry[] {
  const known = new Map(store.map((each) => [hashPart(each), `${storeDir()}/${each}`]));
  return names.map((name) => {
    const at = join(folder, name);
    const { hash, size } = narDigest(at);
    const references = name.endsWith(".drv")
      ? inputsOf(name, readFileSync(at, "latin1"))
      : [...named(at, known)].toSorted();
    return { path: `${storeDir()}/${name}`, narHash: `sha256:${hash.toString("hex")}`, narSize: size, references };
  });
}

/** What the contents name, and where links lead. */
function named(at: string, known: Map<string, string>, found = new Set<string>()): Set<string> {
  const stat = lstatSync(at);
  if (stat.isDirectory()) for (const name of readdirSync(at)) named(join(at, name), known, found);
  else {
    const bytesOf = stat.isSymbolicLink() ? readlinkSync(at, { encoding: "buffer" }) : readFileSync(at);
    for (const path of referencesIn(bytesOf, known)) found.add(path);
  }
  return found;
}
