/** Resolves a reference to digests with skopeo, which uses the user's credentials, mirrors and certificates. */
import * as z from "zod/mini";
import { platformText } from "../oci/platform.ts";
import { exactly, parseReference } from "../oci/reference.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { CONFIG_TYPES } from "../oci/media-types.ts";
import { Index, Manifest, Platform } from "../oci/documents.ts";
import { sha256 } from "../oci/digest.ts";
import { skopeo, type SkopeoOptions } from "./skopeo.ts";

/** The platform in a config; other members are ignored. */
const ConfigPlatform = z.object(Platform.shape);

/** The pinned digests of one platform; lowest layer first. */
export interface Pin {
  manifest: string;
  config: string;
  layers: string[];
}

/**
 * `wanted`: the platforms to pin; throws if the image lacks one. If null, pins those of `known` that the image has.
 * Throws skopeo's errors unchanged.
 */
export async function pin(
  text: string,
  wanted: string[] | null,
  known: string[],
  options: Pick<SkopeoOptions, "signal" | "silence"> = {},
): Promise<{ digest: string; platforms: Record<string, Pin> }> {
  const reference = parseReference(text);
  const tls = reference.isLocal ? ["--tls-verify=false"] : [];
  const inspect = async (exact: string, ...what: string[]) =>
    await skopeo(["inspect", "--raw", ...what, ...tls, `docker://${exact}`], options);
  const bytes = await inspect(exactly(reference));
  const index = Index.safeParse(parse(bytes, text)).data;
  const candidates =
    index === undefined
      ? [{ digest: sha256(bytes), name: platformOf(await inspect(exactly(reference), "--config"), text) }]
      : index.manifests.flatMap(({ digest, platform }) => (platform ? [{ digest, name: platformText(platform) }] : []));
  const names = [...new Set(candidates.map(({ name }) => name))].filter((name) => !name.startsWith("unknown"));
  const missing = (wanted ?? []).find((each) => !names.includes(each));
  if (missing !== undefined)
    throw new ImgcError(
      EXIT.findings,
      `${text} has no image for ${missing}, only for ${names.join(", ")}; remove the platform, or use another base`,
    );
  const chosen = wanted ?? names.filter((name) => known.includes(name));
  if (chosen.length === 0)
    throw new ImgcError(
      EXIT.findings,
      `${text} has no image for Linux, only for ${names.join(", ")}; use another base`,
    );
  const platforms: Record<string, Pin> = {};
  for (const platform of chosen) {
    const { digest = "" } = candidates.find(({ name }) => name === platform) ?? {};
    const manifest = index === undefined ? bytes : await inspect(exactly(reference, digest));
    platforms[platform] = { manifest: digest, ...readManifest(manifest, text) };
  }
  return { digest: sha256(bytes), platforms };
}

function readManifest(bytes: string, text: string): { config: string; layers: string[] } {
  const { data } = Manifest.safeParse(parse(bytes, text));
  if (data === undefined) throw new ImgcError(EXIT.environment, `${text} has a manifest of an unknown kind`);
  if (!CONFIG_TYPES.includes(data.config.mediaType)) {
    throw new ImgcError(
      EXIT.environment,
      `${text} is not an image: its config has the media type ${data.config.mediaType}`,
    );
  }
  return { config: data.config.digest, layers: data.layers.map(({ digest }) => digest) };
}

function platformOf(config: string, text: string): string {
  const { data } = ConfigPlatform.safeParse(parse(config, text));
  if (data === undefined)
    throw new ImgcError(EXIT.environment, `${text} is not an image: its config names no platform`);
  return platformText(data);
}

function parse(bytes: string, text: string): unknown {
  try {
    return JSON.parse(bytes);
  } catch {
    throw new ImgcError(
      EXIT.environment,
      `${text} is answered with text that is not JSON: is it a registry, or does a login page stand in front of it?`,
    );
  }
}
