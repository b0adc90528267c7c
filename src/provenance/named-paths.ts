/** Reads a provenance of imgc: which store paths and layers it names. */
import * as z from "zod/mini";
import { checked } from "../oci/json.ts";

/** The parts of the predicate that are read; other builders write other annotations. */
const Predicate = z.object({
  buildDefinition: z.object({
    resolvedDependencies: z.array(
      z.object({
        digest: z.optional(z.record(z.string(), z.string())),
        mediaType: z.optional(z.string()),
        annotations: z.optional(
          z.object({ path: z.optional(z.string()), outputs: z.optional(z.record(z.string(), z.string())) }),
        ),
      }),
    ),
  }),
});

export interface Named {
  /** Store paths: derivations, their outputs, sources, and paths of bases. */
  paths: Set<string>;
  /** Digests of files, such as the layers of a base. */
  digests: Set<string>;
}

/** Throws an `ImageError` if the predicate is not a provenance. */
export function namedPaths(predicate: unknown, where: string): Named {
  const { resolvedDependencies } = checked(Predicate, predicate, where).buildDefinition;
  const named: Named = { paths: new Set(), digests: new Set() };
  for (const { digest, mediaType, annotations = {} } of resolvedDependencies) {
    const { path, outputs = {} } = annotations;
    if (path !== undefined) named.paths.add(path);
    for (const output of Object.values(outputs)) named.paths.add(output);
    if (digest?.["sha256"] !== undefined && mediaType === undefined) named.digests.add(`sha256:${digest["sha256"]}`);
  }
  return named;
}

/** A layer of an image, with the store paths in it. */
export interface LayerPaths {
  label: string;
  digest: string;
  storePaths: ReadonlySet<string>;
}

/** The findings of the provenance that explains most of the image; one valid provenance is enough. */
export function unnamedByAll(provenances: Named[], layers: LayerPaths[]): string[] {
  const [fewest = []] = provenances.map((named) => unnamedPaths(named, layers)).toSorted((a, b) => a.length - b.length);
  return fewest;
}

/** A finding for each store path that the provenance does not name, in a layer that it does not name as a whole. */
function unnamedPaths({ paths, digests }: Named, layers: LayerPaths[]): string[] {
  return layers
    .filter(({ digest }) => !digests.has(digest))
    .flatMap(({ label, storePaths }) =>
      [...storePaths]
        .filter((path) => !paths.has(path))
        .map((path) => `${label}: the provenance does not name ${path}`),
    );
}
