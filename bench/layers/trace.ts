/**
 * A trace: the closure of an image and its changes from build to build. bench/traces/README.md describes the format.
 *
 * Paths change as in Nix: a path's hash covers its content and its references, so a change also changes the paths of all
 * referrers.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import * as z from "zod/mini";

const Node = z.object({
  n: z.string(),
  v: z.string(),
  s: z.number(),
  r: z.array(z.string()),
  x: z.optional(z.string()),
  f: z.optional(z.number()),
});
type Node = z.infer<typeof Node>;

const Trace = z.object({
  name: z.string(),
  description: z.string(),
  start: z.optional(z.string()),
  base: z.array(Node),
  steps: z.array(
    z.object({
      label: z.string(),
      set: z.array(z.extend(z.partial(Node), { n: z.string() })),
      del: z.optional(z.array(z.string())),
    }),
  ),
});
export type Trace = z.infer<typeof Trace>;

/** A store path of one build. `size`: bytes; `changes`: days with a change in the year before the trace. */
export interface TracePath {
  path: string;
  name: string;
  size: number;
  references: string[];
  changes: number | undefined;
}

export interface Snapshot {
  label: string;
  closure: TracePath[];
}

export function readTrace(file: string): Trace {
  return Trace.parse(JSON.parse(gunzipSync(readFileSync(file)).toString()));
}

/** The closure of each build. */
export function snapshots(trace: Trace): Snapshot[] {
  const nodes = new Map(trace.base.map((node) => [node.n, node]));
  const all = [{ label: trace.start ?? "base", closure: pathsOf(nodes) }];
  for (const { label, set, del = [] } of trace.steps) {
    for (const name of del) nodes.delete(name);
    for (const change of set) nodes.set(change.n, Node.parse({ ...nodes.get(change.n), ...change }));
    all.push({ label, closure: pathsOf(nodes) });
  }
  return all;
}

function pathsOf(nodes: Map<string, Node>): TracePath[] {
  const paths = new Map<string, string>();
  const pathOf = (name: string): string => {
    const known = paths.get(name);
    if (known !== undefined) return known;
    const { v, x, s, r } = nodes.get(name) as Node;
    const content = [name, v, x ?? "", String(s), ...r.map(pathOf).toSorted()].join("|");
    const path = `/nix/store/${storeHash(content)}-${name}${v === "" ? "" : `-${v}`}`;
    paths.set(name, path);
    return path;
  };
  return [...nodes.keys()].toSorted().map((name) => {
    const { s, r, f } = nodes.get(name) as Node;
    return { path: pathOf(name), name, size: s, references: r.map(pathOf), changes: f };
  });
}

const DIGITS = "0123456789abcdfghijklmnpqrsvwxyz";

/** 160 bits in the encoding of store paths. */
function storeHash(content: string): string {
  let bits = BigInt(`0x${createHash("sha256").update(content).digest("hex").slice(0, 40)}`);
  let text = "";
  for (let i = 0; i < 32; i++, bits >>= 5n) text = DIGITS[Number(bits & 31n)] + text;
  return text;
}
