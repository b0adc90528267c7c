/** A plan and all its layers in one derivation, for `reuse group` and `reuse image`. */
import { mkdirSync } from "node:fs";
import * as z from "zod/mini";
import { digestLayer } from "../../layer/digest.ts";
import { HashingReport } from "../../layer/hashing.ts";
import { Compression, Permission } from "../../layer/recipe.ts";
import { attributes } from "../attributes.ts";
import { keepBlob } from "../keep-blob.ts";
import { phase, writeOutputs } from "../derivation.ts";
import { rulesOf } from "./layer.ts";
import { makePlan, PlanArguments } from "./plan.ts";

const Attributes = z.extend(PlanArguments, {
  compression: Compression,
  permissions: z.union([z.array(Permission), z.string()]),
});

export async function pack(): Promise<void> {
  const args = attributes(Attributes);
  phase("planning");
  const permissions = rulesOf(args.permissions);
  const plan = makePlan(args);
  for (const output of [args.out, args.digests]) {
    if (output !== undefined) mkdirSync(`${output}/layers`, { recursive: true });
  }
  writeOutputs(args, plan, "/plan.json");
  const report = new HashingReport(plan.layers.length, phase);
  for (const [i, { name, paths }] of plan.layers.entries()) {
    report.start(name);
    const content = { paths, entries: [], permissions };
    const recipe = await keepBlob(args.blobs, (onPacked) =>
      digestLayer(name, content, args.compression, "", report.add, onPacked),
    );
    report.finish();
    writeOutputs(args, recipe, `/layers/${String(i).padStart(3, "0")}.json`);
  }
}
