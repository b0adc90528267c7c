/** The last builds of a spec's images, from the links to results beside the spec. Calls no other program. */
import { readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { partsOf } from "../image/index-directory.ts";
import { isImageDirectory } from "../image/image-directory.ts";
import type { LastBuild } from "../lsp/code-lenses.ts";
import { attempt } from "../util/errors.ts";
import { layerCosts } from "./plan-costs.ts";
import { imagePlan } from "./plan-view.ts";

/** Facts by the real path of an image directory, which never changes in the store. */
const known = new Map<string, LastBuild & { name: string }>();

/** By image name. Results that are no image directories, or damaged, are left out: the editor then shows fewer facts. */
export function lastBuilds(file: string): Map<string, LastBuild> {
  const folder = dirname(file);
  const links = attempt(() => readdirSync(folder).filter((name) => /^result(-\d+)?$/.test(name))) ?? [];
  const images = links.flatMap((name) => attempt(() => partsOf(join(folder, name)).filter(isImageDirectory)) ?? []);
  const builds = images.flatMap((path) => attempt(() => factsOf(realpathSync(path))) ?? []);
  return new Map(builds.map(({ name, ...build }) => [name, build]));
}

function factsOf(path: string): LastBuild & { name: string } {
  const found = known.get(path) ?? readFacts(path);
  known.set(path, found);
  return found;
}

function readFacts(path: string): LastBuild & { name: string } {
  const view = imagePlan(path);
  return {
    name: view.title.slice(0, view.title.lastIndexOf(":")),
    layers: view.layers.length,
    size: view.layers.reduce((sum, { built }) => sum + (built?.packed ?? 0), 0),
    expected: layerCosts(view).reduce((sum, cost) => sum + (cost?.expected ?? 0), 0),
  };
}
