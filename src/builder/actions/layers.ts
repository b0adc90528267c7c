/** The derivation of a batch of layers. */
import { readAttributes } from "../derivation.ts";
import { rulesOf, writeLayers, type Batch, type RuleSource } from "../write-layers.ts";

interface Attributes extends Omit<Batch, "permissions"> {
  permissions: RuleSource;
}

export async function layers(): Promise<void> {
  const attributes = readAttributes() as Attributes;
  await writeLayers({ ...attributes, permissions: rulesOf(attributes.permissions) });
}

export { thread } from "../write-layers.ts";
