/** Destinations of a push: a repository and a tag, as users write them. */
import { InvalidReference, refuseIpv6, REPOSITORY, TAG } from "./reference.ts";

export interface Destination {
  /** Registry and repository, without a tag. */
  name: string;
  tag: string;
}

const HOST = "[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\\d{1,5})?";
const PATTERN = new RegExp(`^(?<name>(?:${HOST}/)?${REPOSITORY})(?::(?<tag>${TAG}))?$`);

export function isDestination(text: string): boolean {
  return PATTERN.test(text);
}

/** `imageTag`: the tag if `text` has none. A `docker://` prefix is allowed, as in skopeo. */
export function parseDestination(text: string, imageTag: string): Destination {
  const [, transport] = /^([a-z-]+):(?:\/\/)?(?!\d+\/)/.exec(text) ?? [];
  if (transport !== undefined && FILES.has(transport)) {
    throw new InvalidReference(
      `${text} is not a registry; use \`imgc export\` for files, and \`imgc load\` for podman and docker`,
    );
  }
  const [scheme] = /^https?:\/\//.exec(text) ?? [];
  if (scheme !== undefined) {
    throw new InvalidReference(`write the registry without ${scheme}: ${text.slice(scheme.length)}`);
  }
  const bare = text.replace(/^docker:\/\//, "");
  refuseIpv6(bare);
  const { name, tag } = PATTERN.exec(bare)?.groups ?? {};
  if (name !== undefined) return { name, tag: tag ?? imageTag };
  if (bare.includes("@"))
    throw new InvalidReference(`${text}: a push cannot choose the digest; write a tag in its place, or leave it out`);
  throw new InvalidReference(
    `${text} is not an image reference; write registry.example.org/name:tag, with the name in lower case`,
  );
}

export function hostOf({ name }: Destination): string {
  return name.slice(0, Math.max(0, name.indexOf("/")));
}

const FILES = new Set(["oci", "oci-archive", "docker-archive", "dir", "docker-daemon", "containers-storage"]);
