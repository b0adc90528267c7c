/** A plan and its layers in one derivation, where layers are not derivations of their own (`reuse group`, `reuse image`). */
import { mkdirSync, writeFileSync } from "node:fs";
import * as z from "zod/mini";
import { digestLayer } from "../layer/digest.ts";
import { Compression } from "../layer/recipe.ts";
import { attributes, phase } from "./attributes.ts";
import { RuleSource, rulesOf } from "./layer.ts";
import { makePlan, PlanArguments } from "./plan.ts";

const Attributes = z.extend(PlanArguments, { compression: Compression, permissions: RuleSource });

export async function pack(): Promise<void> {
  const args = attributes(Attributes);
  phase("planning");
  const permissions = rulesOf(args.permissions);
  const plan = makePlan(args);
  mkdirSync(`${args.out}/layers`, { recursive: true });
  writeFileSync(`${args.out}/plan.json`, `${JSON.stringify(plan)}\n`);
  for (const [i, { name, paths }] of plan.layers.entries()) {
    phase(`hashing ${name}`);
    const recipe = await digestLayer(name, { paths, entries: [], permissions }, args.compression);
    writeFileSync(`${args.out}/layers/${String(i).padStart(3, "0")}.json`, `${JSON.stringify(recipe)}\n`);
  }
}
