/** Reads the store paths, and the diff ID of the layer of each, from a bill of materials of imgc. */
import * as z from "zod/mini";
import { parseJson } from "../oci/json.ts";
import { STORE_DIR } from "../store/store-path.ts";

const CycloneDx = z.object({
  components: z.array(z.object({ properties: z.optional(z.array(z.object({ name: z.string(), value: z.string() }))) })),
});
const Spdx = z.object({
  "@graph": z.array(
    z.object({
      relationshipType: z.optional(z.string()),
      from: z.optional(z.string()),
      to: z.optional(z.array(z.string())),
    }),
  ),
});

/** `where`: the document's name in messages. */
export function pathsInBill(bytes: Buffer, mediaType: string, where: string): Map<string, string> {
  return mediaType.includes("cyclonedx") ? ofCycloneDx(bytes, where) : ofSpdx(bytes, where);
}

function ofCycloneDx(bytes: Buffer, where: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { properties = [] } of parseJson(CycloneDx, bytes, where).components) {
    const values = new Map(properties.map(({ name, value }) => [name, value]));
    const path = values.get("nix:store_path");
    if (path !== undefined) found.set(path, values.get("imgc:layer") ?? "");
  }
  return found;
}

/** SPDX identifiers end with the kind of the element and its encoded name (spdx.ts). */
function ofSpdx(bytes: Buffer, where: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { relationshipType, from = "", to = [] } of parseJson(Spdx, bytes, where)["@graph"]) {
    const layer = nameIn(from, "layer");
    if (relationshipType !== "contains" || layer === undefined) continue;
    for (const name of to.flatMap((each) => nameIn(each, "package") ?? [])) found.set(`${STORE_DIR}/${name}`, layer);
  }
  return found;
}

function nameIn(identifier: string, kind: string): string | undefined {
  const [before, encoded] = identifier.split(`:${kind}:`);
  if (before === undefined || encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
