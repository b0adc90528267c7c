/** Streams JSON of documents that are too large for memory: the entries of generators are written one by one. */
import { printableJson } from "../util/printable.ts";

/** The least number of characters of a piece, except the last. */
const PIECE = 1 << 16;

/** Streams `JSON.stringify(document, null, 2)` through `printableJson`, with a final newline. Generators become arrays. */
export function* jsonPieces(document: object): Generator<string> {
  let piece = "";
  for (const part of parts(document, "\n")) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield printableJson(piece);
    piece = "";
  }
  yield `${printableJson(piece)}\n`;
}

/** The JSON of a value in parts. `line`: a newline and the indentation. Arrays must not contain generators. */
function* parts(value: unknown, line: string): Generator<string> {
  const inner = `${line}  `;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    yield JSON.stringify(value, null, 2).replaceAll("\n", line);
  } else if (Symbol.iterator in value) {
    let before = "[";
    for (const each of value as Generator) {
      yield before + inner;
      yield* parts(each, inner);
      before = ",";
    }
    yield before === "[" ? "[]" : `${line}]`;
  } else {
    let before = "{";
    for (const [key, each] of Object.entries(value)) {
      yield `${before}${inner}${JSON.stringify(key)}: `;
      yield* parts(each, inner);
      before = ",";
    }
    yield before === "{" ? "{}" : `${line}}`;
  }
}
