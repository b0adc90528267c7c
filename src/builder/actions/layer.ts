/** The derivation of one layer: reads its paths once and writes its recipe. */
import * as z from "zod/mini";
import { digestLayer } from "../../layer/digest.ts";
import { HashingReport } from "../../layer/hashing.ts";
import { Permission } from "../../layer/permissions.ts";
import { Compression, RootEntry } from "../../layer/recipe.ts";
import { ContentFile } from "../../image/content-file.ts";
import { attributes, phase, readJson, writeOutputs } from "../attributes.ts";

/** Rules, or the content file that contains them. */
export const RuleSource = z.union([z.array(Permission), z.string()]);

const Attributes = z.object({
  label: z.string(),
  paths: z.array(z.string()),
  /** Files outside the store, or the content file or database file that lists them. */
  entries: z.union([z.array(RootEntry), z.string()]),
  permissions: RuleSource,
  compression: Compression,
});

const EntriesFile = z.object({ entries: z.array(RootEntry) });

export async function layer(): Promise<void> {
  const { label, paths, entries, permissions, compression, ...outputs } = attributes(Attributes);
  const report = new HashingReport(1, phase);
  report.start(label);
  const files = typeof entries === "string" ? EntriesFile.parse(readJson(entries)).entries : entries;
  const content = { paths, entries: files, permissions: rulesOf(permissions) };
  const recipe = await digestLayer(label, content, compression, "", report.add);
  report.finish();
  writeOutputs(outputs, recipe);
}

export function rulesOf(source: z.infer<typeof RuleSource>): Permission[] {
  return typeof source === "string" ? ContentFile.parse(readJson(source)).permissions : source;
}
