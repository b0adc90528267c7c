/** Platforms as people write them: `linux/amd64`, `linux/arm/v7` (image-spec, image-index.md has the parts). */
import type { ImageConfig, Platform } from "./documents.ts";

export function platformName({ os, architecture, variant }: Platform): string {
  // The one variant that 64-bit ARM has is not said by everybody.
  const said = architecture === "arm64" && variant === "v8" ? undefined : variant;
  return [os, architecture, ...(said === undefined ? [] : [said])].join("/");
}

/** What an image says that it is for. */
export function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(typeof variant === "string" ? { variant } : {}) };
}
