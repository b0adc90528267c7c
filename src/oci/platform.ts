/** Names of platforms: `linux/amd64`, `linux/arm/v7` (image-spec, image-index.md). */
import type { ImageConfig, Platform } from "./documents.ts";

export function platformText({
  os,
  architecture,
  variant,
}: Omit<Platform, "variant"> & { variant?: string | null | undefined }): string {
  // v8 is the only variant of 64-bit ARM, and some tools omit it.
  const named = architecture === "arm64" && variant === "v8" ? null : variant;
  return [os, architecture, ...(named === undefined || named === null ? [] : [named])].join("/");
}

/** The platform in an image's config. */
export function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(typeof variant === "string" ? { variant } : {}) };
}
