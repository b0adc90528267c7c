/**
 * Parses the output of `nix/import`: recorded calls of functions that make images, with markers in place of store
 * paths.
 */
import * as z from "zod/mini";
import { ImportError } from "./import-error.ts";

/** A value that a marker in a recorded text stands for. */
export type Marker =
  | { kind: "package"; attribute: string }
  | { kind: "expression"; code: string }
  | { kind: "path"; path: string }
  /** A file with this text, at `destination` below its store path; if that is "", the store path is the file. */
  | { kind: "text"; name: string; destination: string; executable: boolean; text: string }
  /** A call that joins the files of packages. */
  | { kind: "packages"; name: string; function: string; paths: unknown[]; arguments: unknown[] }
  | { kind: "provide"; what: string }
  /** A call of a function of the package set that makes a store path. */
  | { kind: "call"; name: string; function: string; arguments: unknown[] }
  | { kind: "function" }
  | { kind: "image"; function: string; arguments: unknown }
  | { kind: "layer"; arguments: Record<string, unknown> };

const Arguments = z.record(z.string(), z.unknown());
const Marker: z.ZodMiniType<Marker> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("package"), attribute: z.string() }),
  z.object({ kind: z.literal("expression"), code: z.string() }),
  z.object({ kind: z.literal("path"), path: z.string() }),
  z.object({
    kind: z.literal("text"),
    name: z.string(),
    destination: z.string(),
    executable: z.boolean(),
    text: z.string(),
  }),
  z.object({
    kind: z.literal("packages"),
    name: z.string(),
    function: z.string(),
    paths: z.array(z.unknown()),
    arguments: z.array(z.unknown()),
  }),
  z.object({ kind: z.literal("provide"), what: z.string() }),
  z.object({ kind: z.literal("call"), name: z.string(), function: z.string(), arguments: z.array(z.unknown()) }),
  z.object({ kind: z.literal("function") }),
  z.object({ kind: z.literal("image"), function: z.string(), arguments: z.unknown() }),
  z.object({ kind: z.literal("layer"), arguments: Arguments }),
]);

const Records = z.array(z.object({ name: z.string(), marker: z.string() }));

const PATTERN = /@\{(\{[^@]*\})\}@/g;

/** The recorded images by their attribute names. Throws an ImportError if there are none. */
export function readRecords(json: string): { name: string; image: Marker & { kind: "image" } }[] {
  const records = Records.parse(JSON.parse(json));
  const images = records.flatMap(({ name, marker }) => {
    const [image] = piecesOf(marker);
    return typeof image === "object" && image.kind === "image" ? [{ name, image }] : [];
  });
  if (images.length > 0) return images;
  throw new ImportError(
    "the expression makes no image with dockerTools or nix2container of the package set that it is given; pass the package set as its argument `pkgs`, or name it <nixpkgs>",
  );
}

/** Splits a text into literal parts and markers. */
export function piecesOf(text: string): (string | Marker)[] {
  const pieces: (string | Marker)[] = [];
  let end = 0;
  for (const match of text.matchAll(PATTERN)) {
    if (match.index > end) pieces.push(text.slice(end, match.index));
    pieces.push(Marker.parse(JSON.parse(match[1] as string)));
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

/** The marker, if the value is a text that consists of one marker only. */
export function markerOf(value: unknown): Marker | undefined {
  if (typeof value !== "string") return undefined;
  const pieces = piecesOf(value);
  const [only] = pieces;
  return pieces.length === 1 && typeof only === "object" ? only : undefined;
}
