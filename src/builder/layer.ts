/** The derivation of one layer: reads its paths once and writes its recipe. */
import { writeFileSync } from "node:fs";
import * as z from "zod/mini";
import { digestLayer } from "../layer/digest.ts";
import { Compression } from "../layer/recipe.ts";
import { PlanFile } from "../image/plan-file.ts";
import { attributes, phase, readJson } from "./attributes.ts";

const Attributes = z.object({
  label: z.string(),
  paths: z.array(z.string()),
  /** The plan whose root entries this layer holds; null for a layer of store paths. */
  root: z.nullable(z.string()),
  compression: Compression,
});

export async function layer(): Promise<void> {
  const { label, paths, root, compression, out } = attributes(Attributes);
  phase(`hashing ${label}`);
  const entries = root === null ? [] : PlanFile.parse(readJson(root)).root;
  const recipe = await digestLayer(label, { paths, entries }, compression);
  writeFileSync(out, `${JSON.stringify(recipe)}\n`);
}
