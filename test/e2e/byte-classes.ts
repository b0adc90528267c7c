/** Where in a file a byte can change, by what the byte means: a flip of each class stands for all of its kind. */
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

/** Every field of every header of an archive, its contents, its padding, and its end. */
export function tarClasses(bytes: Buffer): Classes {
  const classes: Classes = new Map();
  let at = 0;
  while (bytes[at] !== 0) {
    const name = bytes.toString("latin1", at, bytes.indexOf(0, at));
    let field = at;
    for (const [what, length] of FIELDS) {
      classes.set(`${name}: ${what}`, [field, field + length - 1]);
      field += length;
    }
    const size = Number.parseInt(bytes.toString("latin1", at + 124, at + 135), 8);
    const content = at + BLOCK;
    const next = content + Math.ceil(size / BLOCK) * BLOCK;
    if (size > 0) classes.set(`${name}: content`, [content, content + (size >> 1), content + size - 1]);
    if (next > content + size) classes.set(`${name}: padding`, [content + size, next - 1]);
    at = next;
  }
  classes.set("end", [at, at + BLOCK, bytes.length - 1]);
  return classes;
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

/** A file whose bytes have no names: its head, its tail, and some of what is between. */
export function anyClasses(bytes: Buffer): Classes {
  const chosen = [...bytes.keys()].filter((i) => i < 32 || i >= bytes.length - 16 || i % 11 === 0);
  return new Map(chosen.map((i) => [`byte ${i}`, [i]]));
}
