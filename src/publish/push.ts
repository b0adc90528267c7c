/**
 * Pushes an image to registries: skopeo copies from a local registry view of the image. With `--preserve-digests`, skopeo
 * asks the registry for each layer first, so only missing layers are made, and an interrupted push resumes.
 */
import { fullNameOf } from "../image/export.ts";
import type { View } from "../serve/view.ts";
import { copy, isThere, proveThere, type CopyOptions } from "./copy.ts";
import { hostOf, type Destination } from "../oci/destination.ts";
import { ImgcError } from "../util/errors.ts";
import { ToolError } from "../util/run-tool.ts";
import { withRegistry, type ViewOptions } from "./registry.ts";

/** skopeo's message if all blobs were accepted but the manifest was refused. */
const MANIFEST_FAILED = /uploading manifest/i;

export interface PushOptions extends CopyOptions, ViewOptions {
  onPushed: (reference: Destination) => void;
  /**
   * Attaches documents to the image in a repository: after a push by digest, and before tags are written, so that no tag leads to
   * an image without its documents.
   */
  attachTo?: ((name: string) => Promise<void>) | undefined;
}

/** Pushes to all registries, even if one of them fails; throws all failures at the end. */
export async function push(view: View, references: Destination[], options: PushOptions): Promise<void> {
  await withRegistry(view, options, async (registry, signal) => {
    const pushOne = async (to: string) => {
      const copyOptions = { ...options, signal, lastProgress: () => registry.lastProgress };
      try {
        // Copy even if the tag already leads to this image: the registry may have lost a blob.
        await copy(registry, view, to, copyOptions);
      } catch (error) {
        // All blobs were accepted, but the manifest was refused, perhaps because the tag is immutable. If the tag
        // already leads to this image, the push is complete.
        const isLast = error instanceof ToolError && MANIFEST_FAILED.test(error.message);
        if (!(isLast && (await isThere(view, to, copyOptions)))) throw error;
        return;
      }
      await proveThere(view, to, copyOptions);
    };
    const pushAll = async (sameHost: Destination[]) => {
      for (const [name, same] of Map.groupBy(sameHost, (reference) => reference.name)) {
        if (options.attachTo !== undefined) await pushByDigest(name, options.attachTo);
        for (const reference of same) {
          await pushOne(fullNameOf(reference));
          options.onPushed(reference);
        }
      }
    };
    const pushByDigest = async (name: string, attachTo: (name: string) => Promise<void>) => {
      const exact = `${name}@${view.manifest.digest}`;
      await pushOne(exact);
      try {
        await attachTo(name);
      } catch (error) {
        if (!(error instanceof ImgcError)) throw error;
        throw new ToolError(
          `${error.message}; ${exact} was pushed, but lacks attached documents, so no tag was changed: ` +
            "repeat the command, which does not send finished layers again",
        );
      }
    };
    // Push to references of the same registry one after the other: later pushes find the blobs of the first.
    const hosts = [...Map.groupBy(references, hostOf).values()];
    const results = await Promise.allSettled(hosts.map(pushAll));
    const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    const failures = reasons.filter((reason) => reason instanceof ToolError);
    if (failures.length < reasons.length) throw reasons.find((reason) => !(reason instanceof ToolError));
    if (failures.length > 0) throw new ToolError(failures.map(({ message }) => message).join("\nimgc: "));
  });
}
