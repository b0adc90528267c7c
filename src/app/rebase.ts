/** Puts an image of a registry on another base. */
import { existsSync } from "node:fs";
import { parseReference, splitHost, type RegistryReference } from "../oci/reference.ts";
import { rebase, type Rebased } from "../publish/rebase.ts";
import { LayerPool } from "../serve/layer-pool.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { printableLine } from "../util/printable.ts";
import type { PushOptions } from "./push.ts";

/** `text` and `onto`: the references of the image and of the base. Returns the image's repository as well. */
export async function rebaseImage(
  text: string,
  onto: string,
  { insecure, signal, note }: PushOptions,
): Promise<Rebased & { name: string }> {
  const image = tagged(inRegistry(text));
  const baseText = inRegistry(onto);
  await using pool = new LayerPool();
  const result = await rebase(image, parseReference(baseText), baseText, { pool, insecure, signal, onRetry: note });
  return { ...result, name: image.name };
}

/** The reference without `docker://`. Throws if the reference names no registry. */
function inRegistry(text: string): string {
  const written = text.replace(/^docker:\/\//, "");
  const isPath = /^\.{0,2}\//.test(written);
  if (!isPath && splitHost(written).host !== undefined) return written;
  const shown = printableLine(text);
  const remedy = existsSync(text)
    ? `${shown} is on this machine: push it first, as in \`imgc push ${shown} registry.example.org/NAME:TAG\``
    : `${shown} names no registry; an image of Docker Hub is docker.io/library/NAME:TAG or docker.io/OWNER/NAME:TAG`;
  throw new ImgcError(EXIT.usage, `rebase needs images in a registry, and ${remedy}`);
}

function tagged(text: string): RegistryReference & { tag: string } {
  const reference = parseReference(text);
  const { tag, digest } = reference;
  if (tag !== undefined && digest === undefined) return { ...reference, tag };
  throw new ImgcError(EXIT.usage, `${text}: name the image by a tag, without a digest; the tag leads to the result`);
}
