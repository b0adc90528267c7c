/**
 * Encodes the tar headers of a layer: POSIX.1-2001 (ustar, with a pax header if a field does not fit). Fields that could differ
 * between machines are constant.
 */
import { capabilityAttribute, type Capability } from "../util/capabilities.ts";

/** A tar entry's attributes. `name` has no slash at its start or end, and is empty for the root. */
export interface EntryHeader {
  kind: "file" | "directory" | "symlink" | "hardlink" | "device";
  name: Buffer;
  mode: number;
  uid: number;
  gid: number;
  /** The content's size in bytes; 0 for other kinds than files. */
  size: number;
  /** A link's target. */
  target?: Buffer;
  /** The capabilities of a program, by name or as the bytes of the extended attribute. */
  capabilities?: readonly Capability[] | Buffer | undefined;
  /** Seconds since the epoch, with an optional fraction; the default is the time of files in a store. */
  mtime?: string | undefined;
  /** Further pax records, in base 64. */
  records?: Readonly<Record<string, string>> | undefined;
  /** The kind and the numbers of a device. */
  device?: { device: Device; major: number; minor: number };
}

export const DEVICES = ["character", "block", "pipe"] as const;
export type Device = (typeof DEVICES)[number];

/** The pax record of a file's capabilities (star's name for the extended attribute, which all runtimes read). */
export const CAPABILITY_RECORD = "SCHILY.xattr.security.capability";
export const BLOCK = 512;
/** Two zero blocks end an archive. */
export const TRAILER = Buffer.alloc(2 * BLOCK);

/** Seconds since the epoch: the time that Nix sets for every file of a store. */
const MTIME = "1";
const TYPE = { file: "0", hardlink: "1", symlink: "2", directory: "5", character: "3", block: "4", pipe: "6" } as const;
/** The largest numbers with seven and eleven octal digits. */
const MAX_ID = 0o7777777;
const MAX_SIZE = 0o77777777777;

/** The bytes before an entry's content: a pax header if needed, and the header. */
export function encodeHeader(entry: EntryHeader): Buffer {
  // The root's name is `/`: Podman and Docker skip `./` and ignore its mode.
  const name = entry.kind === "directory" ? Buffer.concat([entry.name, Buffer.from("/")]) : entry.name;
  const split = splitName(name);
  const target = entry.target ?? Buffer.alloc(0);

  const pax: [string, Buffer][] = [];
  if (split === undefined) pax.push(["path", name]);
  if (target.length > 100) pax.push(["linkpath", target]);
  if (entry.size > MAX_SIZE) pax.push(["size", Buffer.from(String(entry.size))]);
  if (entry.uid > MAX_ID) pax.push(["uid", Buffer.from(String(entry.uid))]);
  if (entry.gid > MAX_ID) pax.push(["gid", Buffer.from(String(entry.gid))]);
  if (entry.capabilities !== undefined && entry.capabilities.length > 0) {
    const { capabilities } = entry;
    pax.push([CAPABILITY_RECORD, Buffer.isBuffer(capabilities) ? capabilities : capabilityAttribute(capabilities)]);
  }

  const mtime = entry.mtime ?? MTIME;
  const seconds = Math.min(Math.max(0, Math.floor(Number(mtime))), MAX_SIZE);
  if (String(seconds) !== mtime) pax.push(["mtime", Buffer.from(mtime)]);
  for (const key of Object.keys(entry.records ?? {}).toSorted()) {
    pax.push([key, Buffer.from(entry.records?.[key] as string, "base64")]);
  }

  const header = ustar({
    name: split?.name ?? name.subarray(0, 100),
    prefix: split?.prefix ?? Buffer.alloc(0),
    target: target.subarray(0, 100),
    type: TYPE[entry.kind === "device" ? (entry.device?.device ?? "pipe") : entry.kind],
    mtime: seconds,
    major: entry.device?.major ?? 0,
    minor: entry.device?.minor ?? 0,
    mode: entry.mode,
    uid: entry.uid > MAX_ID ? 0 : entry.uid,
    gid: entry.gid > MAX_ID ? 0 : entry.gid,
    size: entry.size > MAX_SIZE ? 0 : entry.size,
  });
  return pax.length === 0 ? header : Buffer.concat([paxHeader(pax), header]);
}

/** The number of zero bytes after content of `size` bytes, up to a whole block. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** Splits a name into ustar's prefix and name; undefined if they do not fit. */
function splitName(name: Buffer): { prefix: Buffer; name: Buffer } | undefined {
  if (name.length <= 100) return { prefix: Buffer.alloc(0), name };
  if (name.length > 256) return undefined;
  // The first slash with at most 100 bytes after it, except the slash at the end of a directory's name.
  const slash = name.indexOf("/", name.length - 101);
  if (slash <= 0 || slash > 155 || slash === name.length - 1) return undefined;
  return { prefix: name.subarray(0, slash), name: name.subarray(slash + 1) };
}

function paxHeader(records: [string, Buffer][]): Buffer {
  const body = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  const header = ustar({
    name: Buffer.from("pax"),
    prefix: Buffer.alloc(0),
    target: Buffer.alloc(0),
    type: "x",
    mtime: Number(MTIME),
    major: 0,
    minor: 0,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: body.length,
  });
  return Buffer.concat([header, body, Buffer.alloc(padding(body.length))]);
}

/** `LENGTH KEY=VALUE\n`; LENGTH includes its own digits. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.length + 1;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function ustar(field: {
  name: Buffer;
  prefix: Buffer;
  target: Buffer;
  type: string;
  mtime: number;
  major: number;
  minor: number;
  mode: number;
  uid: number;
  gid: number;
  size: number;
}): Buffer {
  // From Node's pool of buffers: a separate buffer for each header would cost more time and memory.
  const header = Buffer.allocUnsafe(BLOCK).fill(0);
  const octal = (value: number, at: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, "0"), at, "latin1");
  field.name.copy(header, 0);
  octal(field.mode, 100, 7);
  octal(field.uid, 108, 7);
  octal(field.gid, 116, 7);
  octal(field.size, 124, 11);
  octal(field.mtime, 136, 11);
  header.write("        ", 148, "latin1");
  header.write(field.type, 156, "latin1");
  field.target.copy(header, 157);
  header.write("ustar\u000000", 257, "latin1");
  octal(field.major, 329, 7);
  octal(field.minor, 337, 7);
  field.prefix.copy(header, 345);
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += header[i] as number;
  header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return header;
}
