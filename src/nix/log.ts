/** Parses Nix's log (`--log-format internal-json`) into events. */
import { stripVTControlCharacters } from "node:util";
import * as z from "zod/mini";

export type NixEvent =
  /** A build started; `machine`: the remote builder, "" for this machine. */
  | { kind: "build"; id: number; derivation: string; machine: string }
  /** The download of a store path started. */
  | { kind: "fetch"; id: number; path: string }
  | { kind: "phase"; id: number; phase: string }
  /** A line of a builder's output. */
  | { kind: "log"; id: number; line: string }
  /** A line of the post-build hook's output. */
  | { kind: "hook"; line: string }
  | { kind: "stop"; id: number }
  /** The start of the activity that counts all builds (`of: "builds"`) or all copies of store paths. */
  | { kind: "count"; id: number; of: "builds" | "copies" }
  /** How much of an activity is done: builds or copies if a "count" event started it, bytes for the copy of one store path. */
  | { kind: "progress"; id: number; done: number; expected: number }
  /** An image was evaluated (nix/traced.nix). */
  | { kind: "image"; image: TracedImage }
  /**
   * `level`: 0 for errors, 1 for warnings. Traces of an expression (`builtins.trace`) have level 0 as well. So have errors of a daemon, which arrive as messages without `raw_msg`. `raw`: an error's message without its stack trace; undefined if the
   * message is not an error of the Nix command itself. `place`: the line of an expression that the error refers to.
   */
  | { kind: "message"; level: number; text: string; raw: string | undefined; place: NixPlace | undefined };

/** A line of a file. For standard input, `file` is the whole text (Nix 2.8) or `«stdin»:LINE:COLUMN` (later versions). */
export interface NixPlace {
  file: string;
  line: number;
}

/** The trace of nix/traced.nix. */
const TracedImage = z.object({
  /** The image's attribute in the expression; "" if the expression's value is the image. */
  attribute: z.string(),
  /** The derivation of the image in the form that the spec asks for, and that of the image directory. */
  derivation: z.string(),
  image: z.string(),
  /** The derivations with the recipes of layers, lowest layer first: one or several layers each. */
  sources: z.array(z.object({ derivation: z.string(), output: z.string() })),
  /**
   * The inputs of the plan, for each platform: the first characters of the hashes of store paths, by the paths' name
   * (nix/plan-history.nix).
   */
  inputs: z.record(z.string(), z.record(z.string(), z.string())),
  /** The plan of the image without its bases; for several platforms, the plan of the first. It may not exist. */
  plan: z.string(),
});
export type TracedImage = z.infer<typeof TracedImage>;

const PREFIX = "@nix ";
/** Numbers of activities and results in Nix's logging.hh. */
const ACTIVITY = { copyPath: 100, copyPaths: 103, builds: 104, build: 105, substitute: 108 };
const RESULT = { logLine: 101, setPhase: 104, progress: 105, hookLine: 107 };
const IMAGE_TRACE = /^trace: imgc (?<json>\{.*\})$/s;

const Field = z.union([z.string(), z.number()]);
const Line = z.discriminatedUnion("action", [
  z.object({ action: z.literal("start"), id: z.number(), type: z.number(), fields: z.optional(z.array(Field)) }),
  z.object({ action: z.literal("stop"), id: z.number() }),
  z.object({ action: z.literal("result"), id: z.number(), type: z.number(), fields: z.optional(z.array(Field)) }),
  z.object({
    action: z.literal("msg"),
    level: z.number(),
    msg: z.string(),
    raw_msg: z.optional(z.string()),
    file: z.optional(z.nullable(z.string())),
    line: z.optional(z.nullable(z.number())),
  }),
]);

/** Undefined for lines that imgc does not use. A line in another format becomes a message. */
export function parseLog(text: string): NixEvent | undefined {
  if (!text.startsWith(PREFIX)) return plain(text);
  let json: unknown;
  try {
    json = JSON.parse(text.slice(PREFIX.length));
  } catch {
    return plain(text);
  }
  const parsed = Line.safeParse(json);
  // A newer Nix may have more kinds of lines.
  if (!parsed.success) return undefined;
  const line = parsed.data;
  switch (line.action) {
    case "start":
      return started(line.id, line.type, line.fields ?? []);
    case "result": {
      const [first = "", second = ""] = line.fields ?? [];
      if (line.type === RESULT.progress)
        return { kind: "progress", id: line.id, done: Number(first), expected: Number(second) };
      return result(line.id, line.type, String(first));
    }
    case "stop":
      return { kind: "stop", id: line.id };
    case "msg": {
      const raw = line.raw_msg === undefined ? undefined : stripVTControlCharacters(line.raw_msg);
      const message = stripVTControlCharacters(line.msg);
      const image = raw === undefined ? tracedImage(message) : undefined;
      if (image !== undefined) return { kind: "image", image };
      const place = typeof line.line === "number" ? { file: line.file ?? "", line: line.line } : undefined;
      return { kind: "message", level: line.level, text: message, raw, place };
    }
  }
}

function started(id: number, type: number, [first = "", second = ""]: (string | number)[]): NixEvent | undefined {
  if (type === ACTIVITY.build) return { kind: "build", id, derivation: String(first), machine: String(second) };
  if (type === ACTIVITY.builds) return { kind: "count", id, of: "builds" };
  if (type === ACTIVITY.copyPaths) return { kind: "count", id, of: "copies" };
  const isFetch = type === ACTIVITY.copyPath || type === ACTIVITY.substitute;
  return isFetch ? { kind: "fetch", id, path: String(first) } : undefined;
}

function tracedImage(message: string): TracedImage | undefined {
  const json = IMAGE_TRACE.exec(message.trim())?.groups?.["json"];
  if (json === undefined) return undefined;
  try {
    return TracedImage.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

function result(id: number, type: number, text: string): NixEvent | undefined {
  const line = stripVTControlCharacters(text);
  if (type === RESULT.setPhase) return { kind: "phase", id, phase: line };
  if (type === RESULT.logLine)
    return line === RECORD_START ? undefined : { kind: "log", id, line: withoutRecord(line) };
  return type === RESULT.hookLine ? { kind: "hook", line } : undefined;
}

/** Nix 2.8 prints this line before a record (`withoutRecord`). */
const RECORD_START = "\u0001";

/**
 * If a builder cannot be started, Nix 2.8 writes its error into the builder's log as a record of numbers and texts. The
 * longest text is the message.
 */
function withoutRecord(line: string): string {
  if (!line.includes("\0")) return line;
  return line.split("\0").reduce((longest, text) => (text.length > longest.length ? text : longest), "");
}

function plain(text: string): NixEvent | undefined {
  const line = stripVTControlCharacters(text);
  return line.trim() === "" ? undefined : { kind: "message", level: 2, text: line, raw: undefined, place: undefined };
}
