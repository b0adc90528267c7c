/** Reads the recipes of layers. Each path is a recipe, or a folder with several recipes under `layers`. */
import { readdirSync, statSync } from "node:fs";
import { Layer } from "../layer/recipe.ts";
import { readJson } from "./attributes.ts";

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
    .map((path) => ({ path, layer: Layer.parse(readJson(path)) }))
    .filter(({ layer: { content } }) => content.blob ?? content.paths.length + content.entries.length > 0);
}
