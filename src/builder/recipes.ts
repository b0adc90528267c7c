/** Reads the recipes of layers. Each path is a recipe, or a folder with several recipes under `layers`. */
import { readdirSync, statSync } from "node:fs";
import type { Layer, RootEntry } from "../layer/recipe.ts";
import { readJson } from "./derivation.ts";

export interface RecipeFile {
  path: string;
  layer: Layer;
}

/** The recipes in order, without empty layers: an image may add no files to its base. */
export function readRecipes(sources: string[]): RecipeFile[] {
  return sources
    .flatMap((source) => {
      if (!statSync(source).isDirectory()) return [source];
      return readdirSync(`${source}/layers`)
        .toSorted()
        .map((name) => `${source}/layers/${name}`);
    })
    .map((path) => ({ path, layer: readJson(path) as Layer }))
    .filter(({ layer: { content } }) => content.blob ?? content.paths.length + content.entries.length > 0);
}

/** The last entry of each path, sorted by path. */
export function byPath(entries: RootEntry[]): RootEntry[] {
  const last = new Map(entries.map((entry) => [entry.path, entry]));
  return [...last.values()].toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
