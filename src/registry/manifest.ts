/** Reads manifests with skopeo, which uses the user's credentials, mirrors and certificates. */
import { ToolError } from "../util/run-tool.ts";
import { retrying, type RetryOptions } from "./retry.ts";
import { skopeo } from "./skopeo.ts";
import { READ_SILENCE } from "./time-limits.ts";

/** Matches the errors of several registries for a missing manifest. */
const NOT_FOUND = /(manifest|name) unknown|not found|HTTP status:? 404|StatusCode: 404/i;

export interface ReadOptions extends RetryOptions {
  /** Allow plain HTTP and unverified certificates. */
  insecure: boolean;
  /** Milliseconds without progress after which an attempt is stopped. */
  silence?: number;
}

/** The manifest of a reference; undefined if the registry has none. */
export async function manifestAt(reference: string, options: ReadOptions): Promise<string | undefined> {
  const flags = options.insecure ? ["--tls-verify=false"] : [];
  return await ifThere(reference, options, ["inspect", "--raw", ...flags, `docker://${reference}`]);
}

/** Runs skopeo; undefined if the registry has no manifest for the reference. */
export async function ifThere(
  reference: string,
  options: ReadOptions,
  args: string[],
  lastProgress?: () => number,
): Promise<string | undefined> {
  const { signal, silence = READ_SILENCE } = options;
  return await retrying(reference, options, async () => {
    try {
      return await skopeo(args, { signal, silence, lastProgress });
    } catch (error) {
      if (error instanceof ToolError && NOT_FOUND.test(error.message)) return undefined;
      throw error;
    }
  });
}
