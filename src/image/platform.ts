/** Platforms as people write them: `linux/amd64`, `linux/arm/v7` (image-spec, image-index.md has the parts). */
import type { Platform } from "./oci.ts";

export function platformName({ os, architecture, variant }: Platform): string {
  // The one variant that 64-bit ARM has is not said by everybody.
  const said = architecture === "arm64" && variant === "v8" ? undefined : variant;
  return [os, architecture, ...(said === undefined ? [] : [said])].join("/");
}
