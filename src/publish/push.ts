/**
 * Sends an image to registries: skopeo in front of a registry view of it. With digests preserved skopeo asks each
 * registry first, so a layer is made only where it is missing, and what arrived before a failure is not sent again.
 */
import type { View } from "../serve/view.ts";
import { copy, isThere, type CopyOptions } from "./copy.ts";
import { hostOf, written, type Reference } from "./reference.ts";
import { withRegistry, type ViewOptions } from "./registry.ts";

export interface PushOptions extends CopyOptions, ViewOptions {
  onPushed: (reference: Reference) => void;
}

export async function push(view: View, references: Reference[], options: PushOptions): Promise<void> {
  await withRegistry(view, options, async (registry, signal) => {
    const toOneHost = async (same: Reference[]) => {
      for (const reference of same) {
        const to = written(reference);
        // One question instead of one for each layer, which skopeo would also write down with a flush to the disk each.
        if (!(await isThere(view, to, { ...options, signal }))) await copy(registry, view, to, { ...options, signal });
        options.onPushed(reference);
      }
    };
    // One after the other for one registry: what the first tag brought, the second finds.
    await Promise.all([...Map.groupBy(references, hostOf).values()].map(toOneHost));
  });
}
