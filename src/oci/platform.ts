/** Names of platforms: `linux/amd64`, `linux/arm/v7` (image-spec, image-index.md). */
import type { ImageConfig, Platform } from "./documents.ts";

/** Some tools write an empty variant where others write none. */
export function platformText({
  os,
  architecture,
  variant,
}: Omit<Platform, "variant"> & { variant?: string | null | undefined }): string {
  // v8 is the only variant of 64-bit ARM, and some tools omit it.
  const named = architecture === "arm64" && variant === "v8" ? null : variant;
  return [os, architecture, ...(hasVariant(named) ? [named] : [])].join("/");
}

/** The platform in an image's config. */
export function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(hasVariant(variant) ? { variant } : {}) };
}

function hasVariant(variant: unknown): variant is string {
  return typeof variant === "string" && variant !== "";
}
