/** A place in a registry, as the user writes it. */
import { REPOSITORY, TAG } from "../oci/repository.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/** The text is no reference; the message is for the user. */
export class ReferenceError extends ImgcError {
  constructor(message: string) {
    super(EXIT.usage, message);
  }
}

export interface Reference {
  /** Registry and repository, without a tag. */
  name: string;
  tag: string;
}

const HOST = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::\\d{1,5})?";
const PATTERN = new RegExp(`^(?<name>(?:${HOST}/)?${REPOSITORY})(?::(?<tag>${TAG}))?$`);

/** Without a tag the image's own is meant. `docker://` may stand in front, as skopeo has it. */
export function parseReference(text: string, imageTag: string): Reference {
  const [, transport] = /^([a-z-]+):(?:\/\/)?(?!\d+\/)/.exec(text) ?? [];
  if (transport !== undefined && FILES.has(transport)) {
    throw new ReferenceError(
      `${text} is no registry; \`imgc export\` writes files, \`imgc load\` fills podman and docker`,
    );
  }
  const [scheme] = /^https?:\/\//.exec(text) ?? [];
  if (scheme !== undefined) {
    throw new ReferenceError(`a registry is named without ${scheme}, so ${text.slice(scheme.length)}`);
  }
  const bare = text.replace(/^docker:\/\//, "");
  const { name, tag } = PATTERN.exec(bare)?.groups ?? {};
  if (name !== undefined) return { name, tag: tag ?? imageTag };
  if (bare.includes("@")) throw new ReferenceError(`${text}: the digest is the image's own; name a tag, or none`);
  throw new ReferenceError(
    `${text} is no image reference; one is written registry.example.org/name:tag, the name in small letters`,
  );
}

export function hostOf({ name }: Reference): string {
  return name.slice(0, Math.max(0, name.indexOf("/")));
}

const FILES = new Set(["oci", "oci-archive", "docker-archive", "dir", "docker-daemon", "containers-storage"]);
