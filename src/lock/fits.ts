/** Whether what is pinned fits what a spec says. */
import { DIGEST } from "../oci/digest.ts";
import type { PinnedBase } from "./bases.ts";

const NAMED_DIGEST = new RegExp(`@(${DIGEST})$`);

/** Why it does not; undefined where it does. `platforms`: those that the image is for, as the spec writes them. */
export function misfit(
  reference: string,
  { digest, platforms: pinned }: PinnedBase,
  platforms: string[],
): string | undefined {
  const named = NAMED_DIGEST.exec(reference)?.[1];
  if (named !== undefined && named !== digest) return `the lock pins another digest, ${digest}`;
  const missing = platforms.find((each) => !Object.hasOwn(pinned, each));
  if (missing !== undefined)
    return `the lock has no platform ${missing}, only ${Object.keys(pinned).join(", ") || "none"}`;
  return undefined;
}
