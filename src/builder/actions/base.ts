/** The derivation of a base made elsewhere: writes the content, plan and recipes that an image on top of it reads. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod/mini";
import { FileTree, specialFiles } from "../../image/file-tree.ts";
import type { ContentFile } from "../../image/content-file.ts";
import type { ImageConfig } from "../../oci/documents.ts";
import { historyOf, inheritedConfig } from "../../image/make-documents.ts";
import { Platform } from "../../oci/documents.ts";
import { encodePlan, unreferenced, type PlanFile } from "../../image/plan-file.ts";
import { platformText } from "../../oci/platform.ts";
import { digestBlob } from "../../layer/blob.ts";
import type { Layer } from "../../layer/recipe.ts";
import { attributes } from "../attributes.ts";
import { BuildError, locatedAt } from "../build-error.ts";
import { phase, storeDir, writeOutputs, type Outputs } from "../derivation.ts";
import { readRegistrations } from "../base/database.ts";
import { baseFiles, otherFiles, readUsers, watchLayer } from "../base/files.ts";
import { describePaths, unpackStore } from "../base/store.ts";
import { foundBase, Pulled, pulledBase, type BaseImage } from "../base/source.ts";
import { messageOf } from "../../util/errors.ts";

const Attributes = z.object({
  /** The base's name in messages. */
  label: z.string(),
  platform: Platform,
  /** Blobs of a registry, or the path of an archive or layout. */
  source: z.union([Pulled, z.string()]),
});

export async function base(): Promise<void> {
  const args = attributes(Attributes);
  await locatedAt(["base", args.label], () => readBase(args));
}

async function readBase({ label, platform, source, ...outputs }: z.infer<typeof Attributes> & Outputs): Promise<void> {
  mkdirSync(outputs.out);
  if (outputs.digests !== undefined) mkdirSync(outputs.digests);
  const wanted = platformText(platform);
  const image =
    typeof source === "string"
      ? await foundBase(source, label, wanted, `${outputs.out}/archive.tar`)
      : pulledBase(source);
  checkImage(image, label, wanted);

  const tree = new FileTree({ keepsAll: true });
  const layers: Layer[] = [];
  for (const [i, { blob, algorithm, digest, annotations }] of image.layers.entries()) {
    phase(`reading layer ${i + 1} of ${image.layers.length} of ${label}`);
    const diffId = image.config.rootfs.diff_ids[i] as string;
    const watch = watchLayer(tree, i);
    const content = { paths: [], entries: [], permissions: [], blob };
    const known = image.isChecked && digest !== undefined ? { known: { digest, diffId } } : {};
    const options = { onChunk: (chunk: Buffer) => watch.push(chunk), ...known };
    let layer: Layer;
    try {
      layer = await digestBlob(`base layer ${i + 1}`, content, { algorithm, level: null }, options);
    } catch (error) {
      throw new BuildError(`layer ${i + 1} of ${label} cannot be read: ${messageOf(error)}`);
    }
    if (digest !== undefined && layer.digest !== digest) {
      throw new BuildError(`layer ${i + 1} of ${label} has the digest ${layer.digest}, but ${digest} in the manifest`);
    }
    if (layer.diffId !== diffId) {
      throw new BuildError(`layer ${i + 1} of ${label} has the diff ID ${layer.diffId}, but ${diffId} in the config`);
    }
    // With its annotations, a zstd:chunked layer stays one.
    layers.push({ ...layer, ...(annotations === undefined ? {} : { annotations }) });
  }

  const paths = storePaths(tree, storeDir());
  const held = layers.map((layer, i) => ({
    ...layer,
    content: { ...layer.content, paths: paths.filter((path) => path.layer === i).map(({ path }) => path) },
  }));
  const closure = await registrations(
    tree,
    paths.map(({ path }) => path),
    image,
    outputs.out,
  );
  const plan: PlanFile = {
    version: 4,
    layers: held.map(({ name, content }) => ({ name, paths: content.paths })),
    closure,
    roots: unreferenced(closure),
  };
  const { users, groups } = readUsers(tree);
  const content: ContentFile = {
    version: 1,
    entries: [],
    root: baseFiles(tree),
    packages: [],
    special: specialFiles(tree),
    users,
    groups,
    permissions: [],
    config: inheritedConfig(image.config),
    ...notesOf(image.config, label),
    history: historyOf(image.config, layers.length),
    settings: [],
  };
  writeOutputs(outputs, content, "/content.json");
  writeFileSync(`${outputs.out}/files.json`, JSON.stringify(otherFiles(tree, content.root)));
  writeOutputs(outputs, encodePlan(plan), "/plan.json");
  for (const folder of [outputs.out, outputs.digests]) if (folder !== undefined) mkdirSync(`${folder}/layers`);
  for (const [i, layer] of held.entries()) writeOutputs(outputs, layer, `/layers/${String(i).padStart(3, "0")}.json`);
}

/** Registrations of all store paths. Copies .drv files to the output: the database of an image on top registers them. */
async function registrations(tree: FileTree, paths: string[], { layers }: BaseImage, out: string) {
  const registered = readRegistrations(tree, new Set(paths));
  const known = new Set(registered.map(({ path }) => path));
  const names = paths.map((path) => basename(path));
  const unknown = paths.filter((path) => !known.has(path)).map((path) => basename(path));
  const derivations = names.filter((name) => name.endsWith(".drv"));
  if (unknown.length > 0) phase(`hashing ${unknown.length} store paths that no database registers`);
  const folder = join(process.cwd(), "store");
  await unpackStore(layers, new Set([...unknown, ...derivations]), folder);
  mkdirSync(`${out}/derivations`);
  for (const name of derivations) copyFileSync(join(folder, name), `${out}/derivations/${name}`);
  const all = [...registered, ...describePaths(folder, unknown, names)];
  return all.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function checkImage({ config, layers }: BaseImage, label: string, wanted: string): void {
  if (platformText(config) !== wanted) {
    throw new BuildError(`${label} is for ${platformText(config)}, but this image is for ${wanted}`);
  }
  const count = config.rootfs.diff_ids.length;
  if (count !== layers.length) {
    throw new BuildError(`${label} has ${layers.length} layers, but ${count} diff IDs in its config`);
  }
}

/** The store paths in the base's final file system, each with the index of its layer. */
function storePaths(tree: FileTree, store: string): { path: string; layer: number }[] {
  const found = tree.resolve(store);
  if (!("node" in found)) return [];
  return [...found.node.children]
    .filter(([name]) => !name.startsWith("."))
    .map(([name, node]) => ({ path: `${store}/${name}`, layer: node.layer }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The note about ONBUILD steps, which only `docker build` runs. */
function notesOf({ config }: ImageConfig, label: string): Pick<ContentFile, "notes"> {
  const steps = config?.["OnBuild"];
  if (!Array.isArray(steps) || steps.length === 0) return {};
  return { notes: [`the ONBUILD steps of the base ${label} are ignored: ${steps.join("; ")}`] };
}
