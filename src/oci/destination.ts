/** Where an image is pushed to: a repository and a tag, as the user writes it. */
import { InvalidReference, REPOSITORY, TAG } from "./reference.ts";

export interface Destination {
  /** Registry and repository, without a tag. */
  name: string;
  tag: string;
}

const HOST = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::\\d{1,5})?";
const PATTERN = new RegExp(`^(?<name>(?:${HOST}/)?${REPOSITORY})(?::(?<tag>${TAG}))?$`);

/** Without a tag the image's own is meant. `docker://` may stand in front, as skopeo has it. */
export function parseDestination(text: string, imageTag: string): Destination {
  const [, transport] = /^([a-z-]+):(?:\/\/)?(?!\d+\/)/.exec(text) ?? [];
  if (transport !== undefined && FILES.has(transport)) {
    throw new InvalidReference(
      `${text} is no registry; \`imgc export\` writes files, \`imgc load\` fills podman and docker`,
    );
  }
  const [scheme] = /^https?:\/\//.exec(text) ?? [];
  if (scheme !== undefined) {
    throw new InvalidReference(`a registry is named without ${scheme}, so ${text.slice(scheme.length)}`);
  }
  const bare = text.replace(/^docker:\/\//, "");
  const { name, tag } = PATTERN.exec(bare)?.groups ?? {};
  if (name !== undefined) return { name, tag: tag ?? imageTag };
  if (bare.includes("@")) throw new InvalidReference(`${text}: the digest is the image's own; name a tag, or none`);
  throw new InvalidReference(
    `${text} is no image reference; one is written registry.example.org/name:tag, the name in small letters`,
  );
}

export function hostOf({ name }: Destination): string {
  return name.slice(0, Math.max(0, name.indexOf("/")));
}

const FILES = new Set(["oci", "oci-archive", "docker-archive", "dir", "docker-daemon", "containers-storage"]);
