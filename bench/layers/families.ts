/** Images that hold packages in common, made from the traces, and the bytes that these images save by sharing layers. */
import { join } from "node:path";
import { lastNodes, pathsOf, readTrace, type Node, type TracePath } from "./trace.ts";

export interface FamilyImage {
  name: string;
  closure: TracePath[];
}

type Nodes = Map<string, Node>;

const read = (trace: string): Nodes => lastNodes(readTrace(join(import.meta.dirname, `../traces/${trace}.json.gz`)));
/** The traces name the application's packages `app` and `app-…`. */
const isApplication = (name: string) => /^app(-|$)/.test(name);

/**
 * Four images of one date: node, Python web, scientific Python, and the JVM. The trace of the JVM is of Debian's stable
 * suite: packages that the other images hold are replaced by theirs, with their references.
 */
export function fourImages(): FamilyImage[] {
  const others = ["node-rolling", "pyweb-ci", "sci-rolling"].map(read);
  const jvm = replaceNodes(read("jvm-stable"), packagesOf(others));
  return ["node", "python web", "scientific python", "jvm"].map((name, i) =>
    imageOf(name, [...others, jvm][i] as Nodes),
  );
}

/** Services of one runtime: Python web. Each has an application of its own. */
export function services(count: number): FamilyImage[] {
  const nodes = read("pyweb-ci");
  return Array.from({ length: count }, (_, i) => imageOf(`service ${i}`, nodes));
}

/** Images that hold a pseudo-random part of the packages that the applications of the four images need. */
export function mixedImages(count: number): FamilyImage[] {
  const all = ["node-rolling", "pyweb-ci", "sci-rolling"].map(read);
  const jvm = replaceNodes(read("jvm-stable"), packagesOf(all));
  const pool = packagesOf([...all, jvm]);
  const needs = [...all, jvm].flatMap((nodes) =>
    [...nodes.values()].flatMap(({ n, r }) => (isApplication(n) ? r : [])),
  );
  const direct = [...new Set(needs)].filter((name) => pool.has(name)).toSorted();
  return Array.from({ length: count }, (_, i) => {
    const roots = direct.filter((name) => scramble(`${i}:${name}`) % 3 === 0);
    const application: Node = { n: "app", v: "1", s: 12_000_000, r: roots, x: String(i) };
    return imageOf(`image ${i}`, reach(["app"], new Map([...pool, ["app", application]])));
  });
}

/** The bytes that the images save by sharing layers, as a share of the bytes that one layer for each path would save. */
export function sharedShare(images: FamilyImage[], plans: string[][][]): number {
  const sizes = new Map(images.flatMap(({ closure }) => closure.map(({ path, size }) => [path, size])));
  const bytes = (layer: string[]) => layer.reduce((sum, path) => sum + (sizes.get(path) as number), 0);
  const saved = (layers: string[][]) => {
    const unique = new Map(layers.map((layer) => [layer.toSorted().join(), layer]));
    return bytes(layers.flat()) - bytes([...unique.values()].flat());
  };
  return saved(plans.flat()) / saved(images.flatMap(({ closure }) => closure.map(({ path }) => [path])));
}

/** The packages of several images; the first image with a name decides. */
function packagesOf(images: Nodes[]): Nodes {
  return new Map(images.toReversed().flatMap((nodes) => [...nodes].filter(([name]) => !isApplication(name))));
}

function replaceNodes(nodes: Nodes, replacements: Nodes): Nodes {
  return reach([...nodes.keys()], new Map([...nodes, ...replacements]));
}

/** The nodes that `roots` reach. References to unknown nodes are left out. */
export function reach(roots: string[], nodes: Nodes): Nodes {
  const seen = new Set(roots);
  // A set may grow while it is walked.
  for (const name of seen) for (const next of nodes.get(name)?.r ?? []) if (nodes.has(next)) seen.add(next);
  return new Map(
    [...seen].map((name) => {
      const node = nodes.get(name) as Node;
      return [name, { ...node, r: node.r.filter((next) => seen.has(next)) }];
    }),
  );
}

/** The packages of applications get the name of the image, so that images do not share them. */
function imageOf(name: string, nodes: Nodes): FamilyImage {
  const rename = (each: string) => (isApplication(each) ? `${name}-${each}` : each);
  const renamed = [...nodes.values()].map((node) => ({ ...node, n: rename(node.n), r: node.r.map(rename) }));
  return { name, closure: pathsOf(new Map(renamed.map((node) => [node.n, node]))) };
}

/** A hash of a text (FNV-1a, and mixed further). */
export function scramble(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}
