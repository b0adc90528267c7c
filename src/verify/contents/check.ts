/** Checks the files of an image. All forms of images share these checks. */
import { parseHash } from "../../layer/nar.ts";
import { checkConfig } from "./config.ts";
import { checkDatabase } from "./database.ts";
import { checkClosure, checkRoots, type Findings } from "../findings.ts";
import { checkExpect } from "./expect.ts";
import { displayName, specialFiles, type FileTree } from "../../image/file-tree.ts";
import type { ImageFile } from "../../image/image-file.ts";
import type { LayerFacts } from "../inspect-layer.ts";
import { type ImageConfig } from "../../oci/documents.ts";
import { ownLayers } from "../../image/make-documents.ts";
import { STORE_DIR } from "../../store/store-path.ts";

export interface Contents {
  tree: FileTree;
  config: ImageConfig;
  layers: (LayerFacts & { name: string; size: number })[];
  /** imgc's description of the image; undefined for images of other tools. */
  file: ImageFile | undefined;
}

/** Folders that runtimes fill. */
const AT_RUN_TIME = ["/proc", "/sys", "/dev", "/run", "/var/run", "/tmp"];

export function checkContents(findings: Findings, { tree, config, layers, file }: Contents): void {
  const storeDir = file?.storeDir ?? STORE_DIR;
  checkConfig(findings, tree, config.config ?? {});
  checkHistory(findings, config, layers.length);
  checkLinks(findings, tree, config, storeDir);
  const byName = layers.map(({ name, storePaths }) => ({ name, paths: storePaths }));
  // For an image of another tool, this checks only that no path is in two layers.
  checkClosure(findings, file?.closure ?? closureOf(layers), byName, file?.held);
  checkDatabase(findings, { tree, storeDir, layers, closure: file?.closure, own: ownLayers(config) });
  if (file === undefined) return;
  checkRoots(findings, file.roots, file.closure, file.held);
  const own = ownLayers(config);
  const foreign = new Set(layers.flatMap(({ storePaths }, i) => (own.has(i) ? [] : [...storePaths])));
  const facts = { layers, special: specialFiles(tree), closure: file.closure, metadata: file.metadata, foreign };
  for (const { message } of checkExpect(file.expect, facts)) findings.add(message);
  checkNars(findings, layers, file);
}

/** A time in RFC 3339 format, which clients of registries require. */
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function checkHistory(findings: Findings, { created, history = [] }: ImageConfig, layers: number): void {
  for (const time of [created, ...history.map((step) => step.created)]) {
    if (typeof time === "string" && !TIME.test(time)) findings.add(`config: ${time} is not a time in RFC 3339 format`);
  }
  // The history of other tools may be incomplete.
  if (ownLayers({ history }).size === 0) return;
  const steps = history.filter((step) => step.empty_layer !== true).length;
  findings.same("number of layers in the config's history", steps, layers);
}

function closureOf(layers: LayerFacts[]): { path: string; references: string[] }[] {
  return layers.flatMap(({ storePaths }) => [...storePaths].map((path) => ({ path, references: [] })));
}

/** Checks that links outside the store in imgc's layers are not dangling. */
function checkLinks(findings: Findings, tree: FileTree, config: ImageConfig, storeDir: string): void {
  const own = ownLayers(config);
  const filledLater = [...AT_RUN_TIME, ...Object.keys(config.config?.Volumes ?? {})];
  for (const { path, node } of tree.walk((at) => at !== storeDir)) {
    if (node.kind !== "symlink" || !own.has(node.layer)) continue;
    const found = tree.resolve(path);
    if ("node" in found || filledLater.some((folder) => `${found.at}/`.startsWith(`${folder}/`))) continue;
    // A link in a package may be dangling, or form a loop with others in the package.
    const isInLoop = found.loop?.includes(node, 1) === true;
    if (!isInLoop && exists(tree, node.target) && node.target.startsWith(`${storeDir}/`)) continue;
    findings.add(
      `${displayName(path)} is a dangling link to ${displayName(node.target)}: ${displayName(found.problem)}`,
    );
  }
}

/** Whether a file or link exists at a path. */
function exists(tree: FileTree, path: string): boolean {
  const slash = path.lastIndexOf("/");
  const folder = tree.resolve(path.slice(0, slash));
  return "node" in folder && folder.node.children.has(path.slice(slash + 1));
}

/** Compares the computed NAR hashes and sizes with the closure's. */
function checkNars(findings: Findings, layers: LayerFacts[], { closure }: ImageFile): void {
  const entries = new Map(closure.map((entry) => [entry.path, entry]));
  for (const [path, { hash, size }] of layers.flatMap(({ nars }) => [...nars])) {
    const entry = entries.get(path);
    if (entry === undefined) continue;
    findings.same(`${path}, NAR hash`, parseHash(entry.narHash)?.toString("hex") ?? entry.narHash, hash);
    findings.same(`${path}, NAR size`, entry.narSize, size);
  }
}
