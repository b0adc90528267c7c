/** A plan and all its layers in one derivation, for `reuse group` and `reuse image`. */
import { mkdirSync } from "node:fs";
import { encodePlan } from "../../image/plan-file.ts";
import { attributes } from "../attributes.ts";
import { phase, writeOutputs } from "../derivation.ts";
import { makePlan, PlanAndLayers, readInputs } from "../make-plan.ts";
import { rulesOf, writeLayers } from "../write-layers.ts";

export async function pack(): Promise<void> {
  const args = attributes(PlanAndLayers);
  phase("planning");
  const plan = makePlan(args, readInputs(args));
  for (const output of [args.out, args.digests]) if (output !== undefined) mkdirSync(output);
  writeOutputs(args, encodePlan(plan), "/plan.json");
  const { forms, out, digests, blobs } = args;
  const layers = plan.layers.map(({ name, paths }) => ({ label: name, paths }));
  await writeLayers({ layers, permissions: rulesOf(args.permissions), forms, outputs: { out, digests, blobs } });
}

export { thread } from "../write-layers.ts";
