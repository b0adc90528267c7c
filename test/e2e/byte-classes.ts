/** Classes of bytes in a file by their meaning; tests flip bits of some bytes of each class. */
import { BLOCK } from "../../src/layer/tar.ts";

/** Class to offsets. */
export type Classes = Map<string, number[]>;

/** Every key, value, bracket and separator of a JSON document; array places count as one. */
export function jsonClasses(bytes: Buffer): Classes {
  const classes: Classes = new Map();
  const text = bytes.toString("latin1");
  const stack: { place: string; isArray: boolean }[] = [];
  let key: string | undefined;
  const at = (): string => stack.map(({ place }) => place).join("") + (key === undefined ? "" : `.${key}`);
  const add = (what: string, ...offsets: number[]): void => {
    if (!classes.has(what)) classes.set(what, [...new Set(offsets)]);
  };
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[-\d.eE+]+|true|false|null|[{}[\],:]|\s+/g)) {
    const [token] = match;
    const [start, end] = [match.index, match.index + token.length - 1];
    const inArray = stack.at(-1)?.isArray === true;
    if (token === "{" || token === "[") {
      add(`${at()} ${token}`, start);
      stack.push({
        place: `${key === undefined ? "" : `.${key}`}${token === "[" ? "[]" : ""}`,
        isArray: token === "[",
      });
      key = undefined;
    } else if (token === "}" || token === "]") {
      stack.pop();
      key = undefined;
      add(`${at()} ${token}`, start);
    } else if (token === ",") {
      add(`${at()} ,`, start);
      key = undefined;
    } else if (token === ":") add(`${at()} :`, start);
    else if (/^\s/.test(token)) add("space", start);
    else if (token.startsWith('"') && key === undefined && !inArray) {
      key = token.slice(1, -1);
      add(`${at()} key`, start, start + 1, end - 1, end);
    } else add(`${at()} value`, start, start + 1, (start + end) >> 1, end - 1, end);
  }
  return classes;
}

const FIELDS: [string, number][] = [
  ["name", 100],
  ["mode", 8],
  ["uid", 8],
  ["gid", 8],
  ["size", 12],
  ["mtime", 12],
  ["checksum", 8],
  ["type", 1],
  ["link", 100],
  ["magic", 6],
  ["version", 2],
  ["user", 32],
  ["group", 32],
  ["device", 16],
  ["prefix", 155],
  ["reserved", 12],
];

/** An entry of a tar archive: where its header, its content and the next header start. */
export interface Entry {
  name: string;
  header: number;
  content: number;
  size: number;
  next: number;
}

/** Of an archive without long names. */
export function tarEntries(bytes: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let header = 0; bytes[header] !== 0;) {
    const name = bytes.toString("latin1", header, bytes.indexOf(0, header));
    const size = Number.parseInt(bytes.toString("latin1", header + 124, header + 135), 8);
    const content = header + BLOCK;
    const next = content + Math.ceil(size / BLOCK) * BLOCK;
    entries.push({ name, header, content, size, next });
    header = next;
  }
  return entries;
}

/** Every field of every header of an archive, its contents, its padding, and its end. */
function tarClasses(bytes: Buffer): Classes {
  const classes: Classes = new Map();
  let end = 0;
  for (const { name, header, content, size, next } of tarEntries(bytes)) {
    let field = header;
    for (const [what, length] of FIELDS) {
      classes.set(`${name}: ${what}`, [field, field + length - 1]);
      field += length;
    }
    if (size > 0) classes.set(`${name}: content`, [content, content + (size >> 1), content + size - 1]);
    if (next > content + size) classes.set(`${name}: padding`, [content + size, next - 1]);
    end = next;
  }
  classes.set("end", [end, end + BLOCK, bytes.length - 1]);
  return classes;
}

/** The same for an archive of an image, with the classes of its files. */
export function imageArchiveClasses(bytes: Buffer): Classes {
  const classes = tarClasses(bytes);
  for (const { name, content, size } of tarEntries(bytes)) {
    const inner = bytes.subarray(content, content + size);
    classes.delete(`${name}: content`);
    for (const [what, offsets] of contentClasses(name, inner)) {
      classes.set(
        `${name}: ${what}`,
        offsets.map((offset) => content + offset),
      );
    }
  }
  return classes;
}

/** The classes of one file of an image, by kind. */
export function contentClasses(name: string, bytes: Buffer): Classes {
  if (name.endsWith("SHA256SUMS")) return sumClasses(bytes);
  if (bytes[0] === 0x7b || bytes[0] === 0x5b) return jsonClasses(bytes);
  const isTar = bytes.length % BLOCK === 0 && bytes.subarray(257, 262).toString() === "ustar";
  return isTar ? tarClasses(bytes) : anyClasses(bytes);
}

/** Lines of `sha256sum`. */
export function sumClasses(bytes: Buffer): Classes {
  const end = bytes.indexOf("\n");
  return new Map([
    ["sum", [0, 32, 63]],
    ["space", [64, 65]],
    ["name", [66, end - 1]],
    ["newline", [end]],
    ["last newline", [bytes.length - 1]],
  ]);
}

/** A file without a known format: its head, its tail, and some bytes between. */
export function anyClasses(bytes: Buffer): Classes {
  const chosen = [...bytes.keys()].filter((i) => i < 32 || i >= bytes.length - 16 || i % 11 === 0);
  return new Map(chosen.map((i) => [`byte ${i}`, [i]]));
}
