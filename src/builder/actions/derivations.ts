/**
 * Lists the closure of .drv files: their input derivations and sources. This action finds the closure itself, since
 * `exportReferencesGraph` would include all outputs of these derivations.
 */
import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as z from "zod/mini";
import type { ClosureEntry } from "../../image/plan-file.ts";
import { narDigest } from "../../layer/nar.ts";
import { attributes } from "../attributes.ts";
import { phase, storeDir, writeOutputs } from "../derivation.ts";
import { inputsOf } from "../derivation-inputs.ts";
import { referencesIn } from "../../store/references.ts";
import { fromHex } from "../../oci/digest.ts";
import { hashPart } from "../../store/store-path.ts";

const Attributes = z.object({
  roots: z.array(z.string()),
  /** The attributes of each derivation, as JSON. */
  attributes: z.array(z.string()),
  outputs: z.object({ out: z.string(), inputs: z.string() }),
});

export function derivations(): void {
  const { roots, attributes: texts, outputs } = attributes(Attributes);
  phase("reading derivations");
  // Nix scans outputs for store paths, so this text makes the output refer to the inputs.
  writeFileSync(outputs.inputs, texts.join("\n"));
  const known = new Map(readdirSync(storeDir()).map((name) => [hashPart(name), `${storeDir()}/${name}`]));
  const entries = new Map<string, ClosureEntry>();
  for (const left = [...roots]; left.length > 0;) {
    const path = left.pop() as string;
    if (entries.has(path)) continue;
    const references = path.endsWith(".drv") ? inputsOf(path, readFileSync(path, "latin1")) : mentioned(path, known);
    const { hash, size } = narDigest(path);
    entries.set(path, { path, narHash: fromHex(hash.toString("hex")), narSize: size, references });
    left.push(...references);
  }
  writeOutputs(
    outputs,
    [...entries.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  );
}

/** The references of a source: a file written by an expression may name store paths; a copied folder has no references. */
function mentioned(path: string, known: Map<string, string>): string[] {
  if (!lstatSync(path).isFile()) return [];
  return referencesIn(readFileSync(path), known)
    .filter((each) => each !== path)
    .toSorted();
}
