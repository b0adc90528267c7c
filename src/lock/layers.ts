/** The section `layers`: what the last build put into which layer, by image name. */
import * as z from "zod/mini";

export const LockedLayers = z.unknown();
