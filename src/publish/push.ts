/**
 * Sends an image to registries: skopeo in front of a registry view of it. With digests preserved skopeo asks each
 * registry first, so a layer is made only where it is missing, and what arrived before a failure is not sent again.
 */
import { fullNameOf } from "../image/export.ts";
import type { View } from "../serve/view.ts";
import { copy, isThere, proveThere, type CopyOptions } from "./copy.ts";
import { hostOf, type Destination } from "../oci/destination.ts";
import { ToolError } from "../util/run-tool.ts";
import { withRegistry, type ViewOptions } from "./registry.ts";

/** skopeo's message if all blobs were accepted but the manifest was refused. */
const MANIFEST_FAILED = /uploading manifest/i;

export interface PushOptions extends CopyOptions, ViewOptions {
  onPushed: (reference: Destination) => void;
}

/** What one registry refuses, the others get all the same; it fails then when they have it. */
export async function push(view: View, references: Destination[], options: PushOptions): Promise<void> {
  await withRegistry(view, options, async (registry, signal) => {
    const toOne = async (reference: Destination) => {
      const to = fullNameOf(reference);
      const copyOptions = { ...options, signal, lastProgress: () => registry.lastProgress };
      try {
        // Also where the tag leads to this image already: a registry may have lost a blob, and is asked for each.
        await copy(registry, view, to, copyOptions);
      } catch (error) {
        // A tag that may not be written again, and need not be: by then every blob is there.
        const isLast = error instanceof ToolError && MANIFEST_FAILED.test(error.message);
        if (!(isLast && (await isThere(view, to, copyOptions)))) throw error;
        return;
      }
      await proveThere(view, to, copyOptions);
    };
    const toOneHost = async (same: Destination[]) => {
      for (const reference of same) {
        await toOne(reference);
        options.onPushed(reference);
      }
    };
    // One after the other for one registry: what the first tag brought, the second finds.
    const hosts = [...Map.groupBy(references, hostOf).values()];
    const results = await Promise.allSettled(hosts.map(toOneHost));
    const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    const failures = reasons.filter((reason) => reason instanceof ToolError);
    if (failures.length < reasons.length) throw reasons.find((reason) => !(reason instanceof ToolError));
    if (failures.length > 0) throw new ToolError(failures.map(({ message }) => message).join("\nimgc: "));
  });
}
