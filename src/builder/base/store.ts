/**
 * Makes registrations of a base's store paths that the base's database does not register. Unpacks these paths, since a path may
 * be spread over several layers. Unpacks derivations as well, since Nix reads them when it registers them.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClosureEntry } from "../../image/plan-file.ts";
import { unpackLayer } from "../../image/unpack-layer.ts";
import { blobBytes, unpack } from "../../layer/bytes.ts";
import { narDigest } from "../../layer/nar.ts";
import { storeDir } from "../derivation.ts";
import type { BaseLayer } from "./source.ts";
import { inputsOf } from "../derivation-inputs.ts";
import { referencesOfTree } from "../../store/references.ts";
import { fromHex } from "../../oci/digest.ts";
import { hashPart } from "../../store/store-path.ts";

/** Unpacks the store paths with the `wanted` names into a folder. */
export async function unpackStore(layers: BaseLayer[], wanted: Set<string>, into: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  if (wanted.size === 0) return;
  const place = (name: string) => placeOf(name, wanted);
  for (const { blob, algorithm } of layers) {
    await unpackLayer(unpack(blobBytes(blob, ""), { algorithm }), into, { place });
  }
}

/** The path of a layer's entry below the folder; undefined for unwanted entries. */
function placeOf(name: string, wanted: Set<string>): string | undefined {
  const store = `${storeDir().slice(1)}/`;
  if (!name.startsWith(store)) return undefined;
  const within = name.slice(store.length);
  const [first = ""] = within.split("/");
  return wanted.has(first.replace(/^\.wh\./, "")) ? within : undefined;
}

/** Registrations of unpacked paths, computed from their bytes; `store` has the names of all paths to which they may refer. */
export function describePaths(folder: string, names: string[], store: string[]): ClosureEntry[] {
  const known = new Map(store.map((each) => [hashPart(each), `${storeDir()}/${each}`]));
  return names.map((name) => {
    const at = join(folder, name);
    const { hash, size } = narDigest(at);
    const references = name.endsWith(".drv")
      ? inputsOf(name, readFileSync(at, "latin1"))
      : [...referencesOfTree(at, known)].toSorted();
    return { path: `${storeDir()}/${name}`, narHash: fromHex(hash.toString("hex")), narSize: size, references };
  });
}
