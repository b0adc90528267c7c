/** Puts an image of a registry on another base. */
import { parseReference, type RegistryReference } from "../oci/reference.ts";
import { rebase, type Rebased } from "../publish/rebase.ts";
import { LayerPool } from "../serve/layer-pool.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import type { PushOptions } from "./push.ts";

/** `text` and `onto`: the references of the image and of the base. Returns the image's repository as well. */
export async function rebaseImage(
  text: string,
  onto: string,
  { insecure, signal, note }: PushOptions,
): Promise<Rebased & { name: string }> {
  const image = tagged(text);
  const baseText = onto.replace(/^docker:\/\//, "");
  await using pool = new LayerPool();
  const result = await rebase(image, parseReference(baseText), baseText, { pool, insecure, signal, onRetry: note });
  return { ...result, name: image.name };
}

function tagged(text: string): RegistryReference & { tag: string } {
  const reference = parseReference(text.replace(/^docker:\/\//, ""));
  const { tag, digest } = reference;
  if (tag !== undefined && digest === undefined) return { ...reference, tag };
  throw new ImgcError(EXIT.usage, `${text}: name the image by a tag, without a digest; the tag leads to the result`);
}
