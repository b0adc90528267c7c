/** Parses untrusted JSON. Nesting and the number of values are limited before parsing. */
import * as z from "zod/mini";
import { issueText } from "../util/issue-text.ts";
import { ImageError } from "./image-error.ts";

/** Limit of nesting: real documents nest less than twenty deep. */
const MAX_DEPTH = 64;
/** Limit of objects, lists and their values: four times as many as in an image of ten thousand store paths. */
const MAX_VALUES = 1 << 20;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

export function parseJson<S extends z.ZodMiniType>(schema: S, bytes: Buffer, where: string): z.infer<S> {
  return checked(
    schema,
    parsed(bytes, where, (text) => JSON.parse(text) as unknown),
    where,
  );
}

/** Parses JSON, or another format with `parse`. */
export function parsed(bytes: Buffer, where: string, parse: (text: string) => unknown): unknown {
  requireBounded(bytes, where);
  try {
    return parse(bytes.toString());
  } catch {
    throw new ImageError(`${where} is not JSON`);
  }
}

/** Parses a value with the schema; throws at the first problem. */
export function checked<S extends z.ZodMiniType>(schema: S, value: unknown, where: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  throw new ImageError(`${where}: ${issue.path.join(".") || "the document"}: ${issueText(issue, value)}`);
}

function requireBounded(bytes: Buffer, where: string): void {
  let depth = 0;
  let values = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) i = endOfString(bytes, i + 1);
    else if (byte === COMMA) values++;
    else if (OPENING.has(byte)) {
      values++;
      if (++depth > MAX_DEPTH) throw new ImageError(`${where} nests more than ${MAX_DEPTH} deep`);
    } else if (CLOSING.has(byte)) depth--;
    if (values > MAX_VALUES) throw new ImageError(`${where} has more than ${MAX_VALUES} values`);
  }
}

/** The index of the quote that closes the string starting at `from`. */
function endOfString(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
