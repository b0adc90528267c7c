/** References of images in registries, as every client reads them: a name without a host is one of Docker Hub. */
import { EXIT, ImgcError } from "../util/errors.ts";
import { DIGEST } from "./digest.ts";

/** One name of a repository's path. */
export const COMPONENT = "[a-z0-9]+(?:(?:[.]|_{1,2}|-+)[a-z0-9]+)*";
export const REPOSITORY = `${COMPONENT}(?:/${COMPONENT})*`;
export const TAG = String.raw`\w[\w.-]{0,127}`;

/** Splits `registry.example.org:5000/shop/api` as every client does: a first part with a dot or a port is a host. */
export function splitHost(name: string): { host: string | undefined; repository: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  if (/[.:]/.test(first) || first === "localhost") return { host: first, repository: name.slice(slash + 1) };
  return { host: undefined, repository: name };
}

/** The text is no reference; the message is for the user. */
export class InvalidReference extends ImgcError {
  constructor(message: string) {
    super(EXIT.usage, message);
  }
}

export interface RegistryReference {
  /** Without tag and digest, the host in front: what a client that is told exactly wants to hear. */
  name: string;
  tag: string | undefined;
  digest: string | undefined;
  /** Where the distribution API of the host is: `https://images.example.org`. */
  api: string;
  repository: string;
  /** Whether the host is this machine, which is spoken to without TLS. */
  isLocal: boolean;
}

const HUB = "docker.io";
const HUB_API = "registry-1.docker.io";
const PATTERN = new RegExp(`^(?<path>${REPOSITORY})(?::(?<tag>${TAG}))?(?:@(?<digest>${DIGEST}))?$`);
const HOST = /^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const LOCAL = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

export function parseReference(text: string): RegistryReference {
  const { host = HUB, repository: name } = splitHost(text);
  const { path, tag, digest } = PATTERN.exec(name)?.groups ?? {};
  if (path === undefined || !HOST.test(host)) {
    throw new InvalidReference(`${text} is no image reference; one is written images.example.org/name:tag`);
  }
  const repository = host === HUB && !path.includes("/") ? `library/${path}` : path;
  const isLocal = LOCAL.test(host);
  return {
    name: `${host}/${repository}`,
    tag: tag ?? (digest === undefined ? "latest" : undefined),
    digest,
    api: `${isLocal ? "http" : "https"}://${host === HUB ? HUB_API : host}`,
    repository,
    isLocal,
  };
}

/** `name@digest`, or `name:tag` where there is no digest: what skopeo takes. */
export function exactly({ name, tag, digest }: RegistryReference, instead?: string): string {
  const pinned = instead ?? digest;
  return pinned === undefined ? `${name}:${tag}` : `${name}@${pinned}`;
}
