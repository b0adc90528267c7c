/** The fixed-output derivation of one blob of a registry; Nix allows it to use the network. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod/mini";
import { fetchBlob } from "../../registry/fetch.ts";
import { parseReference } from "../../oci/reference.ts";
import { attributes } from "../attributes.ts";
import { BuildError } from "../build-error.ts";
import { phase, warn } from "../derivation.ts";
import { ImgcError } from "../../util/errors.ts";

const Attributes = z.object({ reference: z.string(), kind: z.enum(["manifests", "blobs"]), digest: z.string() });

/** Node uses the proxies of the environment only if this is set when Node starts. */
const USE_PROXY = "NODE_USE_ENV_PROXY";
const PROXIES = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"];
/** Node reads additional certificate authorities from one file, named when Node starts. */
const EXTRA_AUTHORITIES = "NODE_EXTRA_CA_CERTS";
const AUTHORITIES = ["NIX_SSL_CERT_FILE", "SSL_CERT_FILE", EXTRA_AUTHORITIES];
/** Set in the restarted process, so that it does not restart again. */
const STARTED_AGAIN = "IMGC_FETCH";

export async function fetch(): Promise<void> {
  const { reference, kind, digest, out } = attributes(Attributes);
  const own = ownEnvironment();
  if (own !== undefined) {
    startAgain(own, reference);
    return;
  }
  phase(`fetching from ${reference}`);
  try {
    await fetchBlob(parseReference(reference), kind, digest, out, { onRetry: warn });
  } catch (error) {
    if (!(error instanceof ImgcError)) throw error;
    throw new BuildError([{ at: ["base", reference], message: error.message }]);
  }
}

/** The variables to restart Node with; undefined if it was restarted already, or needs none. */
function ownEnvironment(): Record<string, string> | undefined {
  const { env } = process;
  if (env[STARTED_AGAIN] !== undefined) return undefined;
  const hasProxy = PROXIES.some((name) => (env[name] ?? "") !== "");
  // A named file may be missing in the sandbox.
  const files = new Set(AUTHORITIES.map((name) => env[name] ?? "").filter((file) => existsSync(file)));
  if (!hasProxy && files.size === 0) return undefined;
  const all = resolve("authorities.pem");
  writeFileSync(all, [...files].map((file) => readFileSync(file, "utf8")).join("\n"));
  return { [STARTED_AGAIN]: "1", [EXTRA_AUTHORITIES]: all, ...(hasProxy ? { [USE_PROXY]: "1" } : {}) };
}

/** Runs this action in a new process with these variables. */
function startAgain(own: Record<string, string>, reference: string): void {
  if (own[USE_PROXY] !== undefined && !process.allowedNodeEnvironmentFlags.has("--use-env-proxy")) {
    const message =
      `a proxy is set, but Node.js ${process.version} does not support proxies: use a package set with \`nodejs\` 22.21 or ` +
      "later, or build with `imgc build`, which fetches with skopeo";
    throw new BuildError([{ at: ["base", reference], message }]);
  }
  const { status } = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: "inherit",
    env: { ...process.env, ...own },
  });
  process.exitCode = status ?? 1;
}
