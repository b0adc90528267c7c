/** Finds an image: a path on this machine, otherwise a reference to fetch from its registry. */
import { existsSync, lstatSync, rmSync } from "node:fs";
import { join } from "node:path";
import { retrying } from "../registry/retry.ts";
import { fetchDocuments, fetchLayout, type BringLayers, type FetchOptions } from "../registry/fetch-layout.ts";
import { InvalidReference, parseReference, type RegistryReference, splitHost } from "../oci/reference.ts";
import { ownFolder } from "../util/temporary.ts";
import { printableLine } from "../util/printable.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { refuseOtherThings } from "./no-image.ts";

export interface FindOptions extends Omit<FetchOptions, "signal"> {
  /** Called for each retry. */
  onRetry: (message: string) => void;
  /** Runs a fetch with a signal that stops the fetch. */
  stoppable: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

/** Calls `use` with a path: `text` itself, or a fetched OCI layout that is deleted afterwards. */
export async function withImage<T>(text: string, options: FindOptions, use: (path: string) => Promise<T>): Promise<T> {
  return await placed(
    text,
    options,
    async (from, layout, signal) => await fetchLayout(from, layout, { ...options, signal }),
    use,
  );
}

/** Like `withImage`, but fetches no layers at first. `use` calls `bring` to fetch layers. */
export async function withImageDocuments<T>(
  text: string,
  options: FindOptions,
  use: (path: string, bring: BringLayers) => Promise<T>,
): Promise<T> {
  return await placed(
    text,
    options,
    async (from, layout, signal) => await fetchDocuments(from, layout, { ...options, signal }),
    async (path, bring) =>
      await use(
        path,
        async (digests) => await explained(text, options, async (signal) => await bring?.(digests, signal)),
      ),
  );
}

async function placed<T, F>(
  text: string,
  options: FindOptions,
  fetch: (from: RegistryReference, layout: string, signal: AbortSignal) => Promise<F>,
  use: (path: string, fetched?: F) => Promise<T>,
): Promise<T> {
  if (existsSync(text)) return await use(text);
  // A link to a deleted image is not a reference.
  if (lstatSync(text, { throwIfNoEntry: false }) !== undefined) refuseOtherThings(text);
  // A text without a registry host is taken as a path, and the path does not exist.
  const written = text.replace(/^docker:\/\//, "");
  if (splitHost(written).host === undefined)
    throw new ImgcError(
      EXIT.usage,
      `${printableLine(text)} does not exist; name an image on this machine, or a reference with its registry, such as docker.io/library/alpine:3.22`,
    );
  const folder = ownFolder("imgc-fetched-");
  const layout = join(folder, "layout");
  try {
    const fetched = await explained(
      text,
      options,
      async (signal) => await fetch(parseReference(written), layout, signal),
    );
    return await use(layout, fetched);
  } catch (error) {
    // The user knows the image by its reference, not by the temporary folder.
    if (error instanceof Error) error.message = error.message.replaceAll(layout, printableLine(text));
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function explained<T>(
  text: string,
  { onRetry, stoppable }: FindOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await stoppable(
      async (signal) => await retrying(text, { use: "fetch", signal, onRetry }, async () => await work(signal)),
    );
  } catch (error) {
    if (error instanceof InvalidReference)
      throw new ImgcError(EXIT.usage, `${printableLine(text)} does not exist as a path, and ${error.message}`);
    throw error;
  }
}
