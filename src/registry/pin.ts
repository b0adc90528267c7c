/** Finds out what a reference stands for now, with skopeo: its credentials, mirrors and certificates are used. */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { CONFIG_TYPES } from "../image/oci.ts";
import { platformName } from "../image/platform.ts";
import { runTool, ToolError } from "../tool/run.ts";
import { exactly, parseReference, type RegistryReference } from "./reference.ts";

/** What is pinned of one platform; digests all, layers deepest first. */
export interface Pin {
  manifest: string;
  config: string;
  layers: string[];
}

/** The reference leads to nothing that can be a base; the message is for the user. */
export class PinError extends Error {}

const Digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));
const Platform = z.object({ os: z.string(), architecture: z.string(), variant: z.optional(z.string()) });
const Index = z.object({
  manifests: z.array(z.object({ digest: Digest, platform: z.optional(Platform) })),
});
const Manifest = z.object({
  config: z.object({ digest: Digest, mediaType: z.string() }),
  layers: z.array(z.object({ digest: Digest, mediaType: z.string() })),
});

/** `wanted`: platforms that must be there; null: all of `known` that are. */
export async function pin(
  text: string,
  wanted: string[] | null,
  known: string[],
): Promise<{ digest: string; platforms: Record<string, Pin> }> {
  const reference = parseReference(text);
  const bytes = await inspect(reference, exactly(reference), ["--raw"]);
  const index = Index.safeParse(parse(bytes, text)).data;
  const candidates =
    index === undefined
      ? [{ digest: digestOf(bytes), name: await platformOf(reference, text) }]
      : index.manifests.flatMap(({ digest, platform }) => (platform ? [{ digest, name: platformName(platform) }] : []));
  const names = [...new Set(candidates.map(({ name }) => name))].filter((name) => !name.startsWith("unknown"));
  const missing = (wanted ?? []).find((each) => !names.includes(each));
  if (missing !== undefined) throw new PinError(`${text} has no image for ${missing}; it has ${names.join(", ")}`);
  const chosen = wanted ?? names.filter((name) => known.includes(name));
  if (chosen.length === 0) throw new PinError(`${text} has no image for Linux; it has ${names.join(", ")}`);
  const platforms: Record<string, Pin> = {};
  for (const platform of chosen) {
    const { digest = "" } = candidates.find(({ name }) => name === platform) ?? {};
    const manifest = index === undefined ? bytes : await inspect(reference, exactly(reference, digest), ["--raw"]);
    platforms[platform] = { manifest: digest, ...readManifest(manifest, text) };
  }
  return { digest: digestOf(bytes), platforms };
}

function readManifest(bytes: string, text: string): { config: string; layers: string[] } {
  const { data } = Manifest.safeParse(parse(bytes, text));
  if (data === undefined) throw new PinError(`${text} has a manifest of a kind that is not known here`);
  if (!CONFIG_TYPES.includes(data.config.mediaType)) {
    throw new PinError(`${text} is no image: its config has the media type ${data.config.mediaType}`);
  }
  return { config: data.config.digest, layers: data.layers.map(({ digest }) => digest) };
}

async function platformOf(reference: RegistryReference, text: string): Promise<string> {
  const config = await inspect(reference, exactly(reference), ["--raw", "--config"]);
  const { data } = Platform.safeParse(parse(config, text));
  if (data === undefined) throw new PinError(`${text} is no image: its config names no platform`);
  return platformName(data);
}

async function inspect({ isLocal }: RegistryReference, exact: string, options: string[]): Promise<string> {
  try {
    return await runTool("skopeo", [
      "inspect",
      ...options,
      ...(isLocal ? ["--tls-verify=false"] : []),
      `docker://${exact}`,
    ]);
  } catch (error) {
    throw error instanceof ToolError ? new PinError(explain(exact, error.message)) : error;
  }
}

/** What skopeo wraps around the reason says less than the reference. */
function explain(exact: string, message: string): string {
  if (/unauthorized|authentication required|denied/.test(message)) {
    return `${exact} is only for those who log in (\`skopeo login\`), or is not there`;
  }
  const why = message.replace(/^skopeo: /, "").replace(/^.*pinging container registry [^:]*(?::\d+)?: /, "");
  return `${exact} cannot be read: ${why}`;
}

function parse(bytes: string, text: string): unknown {
  try {
    return JSON.parse(bytes);
  } catch {
    throw new PinError(`${text} has a manifest that is not JSON`);
  }
}

function digestOf(bytes: string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
