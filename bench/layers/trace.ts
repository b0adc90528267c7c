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
  c: z.optional(z.number()),
});
export type Node = z.infer<typeof Node>;

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

/** A store path of one build. `changes`: days with a change in the year before the trace. */
export interface TracePath {
  path: string;
  name: string;
  /** The same for two paths of a name that differ only by the hashes of their references. */
  content: string;
  /** In bytes. */
  size: number;
  /** The bytes of Debian's package, compressed with xz. */
  packed: number;
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

/** The nodes of a trace's last build, by name. */
export function lastNodes(trace: Trace): Map<string, Node> {
  const nodes = new Map(trace.base.map((node) => [node.n, node]));
  for (const step of trace.steps) applyStep(nodes, step);
  return nodes;
}

function applyStep(nodes: Map<string, Node>, { set, del = [] }: Trace["steps"][number]): void {
  for (const name of del) nodes.delete(name);
  for (const change of set) nodes.set(change.n, Node.parse({ ...nodes.get(change.n), ...change }));
}

/** The closure of each build. */
export function snapshots(trace: Trace): Snapshot[] {
  const nodes = new Map(trace.base.map((node) => [node.n, node]));
  const all = [{ label: trace.start ?? "base", closure: pathsOf(nodes) }];
  for (const step of trace.steps) {
    applyStep(nodes, step);
    all.push({ label: step.label, closure: pathsOf(nodes) });
  }
  return all;
}

/** The closure of nodes whose references are all among them. */
export function pathsOf(nodes: Map<string, Node>): TracePath[] {
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
    const { v, x, s, c, r, f } = nodes.get(name) as Node;
    const content = `${v} ${x ?? ""}`;
    return { path: pathOf(name), name, content, size: s, packed: c ?? s, references: r.map(pathOf), changes: f };
  });
}

/** The upstream part of a version of Debian: 1:2.39.5-0+deb12u2 -> 2.39.5 */
export function upstreamVersion(version: string): string {
  return version.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
}

const DIGITS = "0123456789abcdfghijklmnpqrsvwxyz";

/** 160 bits in the encoding of store paths. */
function storeHash(content: string): string {
  let bits = BigInt(`0x${createHash("sha256").update(content).digest("hex").slice(0, 40)}`);
  let text = "";
  for (let i = 0; i < 32; i++, bits >>= 5n) text = DIGITS[Number(bits & 31n)] + text;
  return text;
}
