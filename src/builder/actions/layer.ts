/** The derivation of a layer: reads the content once and writes the layer's recipe. */
import { HashingReport } from "../../layer/hashing.ts";
import type { Compression, RootEntry } from "../../layer/recipe.ts";
import { phase, readAttributes, readJson, writeOutputs, type Outputs } from "../derivation.ts";
import { makeFolders, makeRecipes, rulesOf, writeForms, type RuleSource } from "../write-layers.ts";

interface LayerArguments {
  label: string;
  paths: string[];
  /** Files outside the store, or the content file or database file that lists them. */
  entries: RootEntry[] | string;
  permissions: RuleSource;
  /** A compression for each form. */
  forms: Compression[];
  outputs: Outputs;
}

export async function layer(): Promise<void> {
  const { label, paths, entries, permissions, forms, outputs } = readAttributes() as LayerArguments;
  const report = new HashingReport(1, phase);
  const files = typeof entries === "string" ? (readJson(entries) as { entries: RootEntry[] }).entries : entries;
  const content = { paths, entries: files, permissions: rulesOf(permissions) };
  const recipes = await makeRecipes(label, content, forms, outputs, report);
  const [only, ...others] = recipes;
  if (others.length === 0) return writeOutputs(outputs, only);
  makeFolders(outputs, forms.length);
  writeForms(outputs, recipes, 0);
}
