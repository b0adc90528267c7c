/**
 * Store paths of a base of which a database must be told more than the base tells: those that no database registers, and
 * derivations, which Nix reads when they are registered. They are unpacked, since a path may be spread over layers.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClosureEntry } from "../../image/plan-file.ts";
import { unpackLayer } from "../../image/unpack-layer.ts";
import { blobBytes, unpack } from "../../layer/bytes.ts";
import { narDigest } from "../../layer/nar.ts";
import { storeDir } from "../attributes.ts";
import type { BaseLayer } from "./source.ts";
import { inputsOf } from "../actions/derivations.ts";
import { hashPart, referencesOfTree } from "../../store/references.ts";

/** Unpacks what is `wanted` of a store, by name, into a folder. */
export async function unpackStore(layers: BaseLayer[], wanted: Set<string>, into: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  if (wanted.size === 0) return;
  const place = (name: string) => placeOf(name, wanted);
  for (const { blob, algorithm } of layers) {
    await unpackLayer(unpack(blobBytes(blob, ""), { algorithm }), into, { place });
  }
}

/** Where an entry of the layers goes; undefined for what is not wanted. */
function placeOf(name: string, wanted: Set<string>): string | undefined {
  const store = `${storeDir().slice(1)}/`;
  if (!name.startsWith(store)) return undefined;
  const within = name.slice(store.length);
  const [first = ""] = within.split("/");
  return wanted.has(first.replace(/^\.wh\./, "")) ? within : undefined;
}

/** What a database would say of unpacked paths; `store` has the names of all that they can refer to. */
export function describePaths(folder: string, names: string[], store: string[]): ClosureEntry[] {
  const known = new Map(store.map((each) => [hashPart(each), `${storeDir()}/${each}`]));
  return names.map((name) => {
    const at = join(folder, name);
    const { hash, size } = narDigest(at);
    const references = name.endsWith(".drv")
      ? inputsOf(name, readFileSync(at, "latin1"))
      : [...referencesOfTree(at, known)].toSorted();
    return { path: `${storeDir()}/${name}`, narHash: `sha256:${hash.toString("hex")}`, narSize: size, references };
  });
}
