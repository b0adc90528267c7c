/** Checks whether the Nix daemon accepts the settings of a cache policy from this user. */
import * as z from "zod/mini";
import { anyForm } from "../nix/commands.ts";
import { ToolError } from "../util/run-tool.ts";
import { targets, type CachePolicy } from "./policy.ts";

/** `trusted` is 0 or 1 in Nix 2.26, and a boolean in later versions. It is absent if the store does not know. */
const StoreInfo = z.object({ trusted: z.optional(z.union([z.boolean(), z.number()])) });

/** The warning for a user whom the daemon does not trust. Undefined if the settings work, or if Nix does not say. */
export async function trustProblem(policy: CachePolicy): Promise<string | undefined> {
  const isShared = policy.store === null && targets(policy).length > 0;
  if (!isShared || !(await isUntrusted())) return undefined;
  return (
    "the Nix daemon does not trust this user, so it does not copy results during a build, and reads only the caches in " +
    "its configuration. imgc copies the results after a successful build. To change this, add the user to " +
    "trusted-users in the daemon's nix.conf"
  );
}

async function isUntrusted(): Promise<boolean> {
  try {
    const json = await anyForm([["store", "info"]], ["--json"]);
    const { trusted = true } = StoreInfo.parse(JSON.parse(json));
    return trusted === false || trusted === 0;
  } catch (error) {
    // Nix 2.8 has no `nix store info`. If Nix is missing, the build reports it.
    if (error instanceof ToolError) return false;
    throw error;
  }
}
