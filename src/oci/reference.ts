/** References of images in registries. A name without a host is on Docker Hub. */
import { EXIT, ImgcError } from "../util/errors.ts";
import { DIGEST } from "./digest-syntax.ts";

/** A part of a repository's path. */
export const COMPONENT = "[a-z0-9]+(?:(?:[.]|_{1,2}|-+)[a-z0-9]+)*";
export const REPOSITORY = `${COMPONENT}(?:/${COMPONENT})*`;
export const TAG = String.raw`\w[\w.-]{0,127}`;

/** Splits a name such as `registry.example.org:5000/shop/api`. As in every client, a first part with a dot or a port is a host. */
export function splitHost(name: string): { host: string | undefined; repository: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  if (/[.:]/.test(first) || first === "localhost") return { host: first, repository: name.slice(slash + 1) };
  return { host: undefined, repository: name };
}

/** The text is not a reference. The message is for users. */
export class InvalidReference extends ImgcError {
  constructor(message: string) {
    super(EXIT.usage, message);
  }
}

export interface RegistryReference {
  /** Host and repository, without tag and digest. */
  name: string;
  tag: string | undefined;
  digest: string | undefined;
  /** The base URL of the host's distribution API, such as `https://images.example.org`. */
  api: string;
  repository: string;
  /** Whether the host is this machine, to which connections use no TLS. */
  isLocal: boolean;
}

const HUB = "docker.io";
const HUB_API = "registry-1.docker.io";
const PATTERN = new RegExp(`^(?<path>${REPOSITORY})(?::(?<tag>${TAG}))?(?:@(?<digest>${DIGEST}))?$`);
const HOST = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d{1,5})?$/;
const LOCAL = /^(?:localhost|127(?:\.\d{1,3}){3})(?::\d+)?$/;

/** Throws if the host is an IPv6 address: skopeo, which talks to registries, accepts only names and IPv4 addresses. */
export function refuseIpv6(text: string): void {
  const [address] = /^\[[0-9a-fA-F:.]+\]/.exec(text) ?? [];
  if (address === undefined) return;
  throw new InvalidReference(
    `${text}: skopeo does not accept the IPv6 address ${address}; write a host name in its place`,
  );
}

export function parseReference(text: string): RegistryReference {
  refuseIpv6(text);
  const { host = HUB, repository: name } = splitHost(text);
  const { path, tag, digest } = PATTERN.exec(name)?.groups ?? {};
  if (path === undefined || !HOST.test(host)) {
    throw new InvalidReference(`${text} is not an image reference; write it as images.example.org/name:tag`);
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

/** The reference for skopeo: `name@digest`, or `name:tag` without a digest. `instead` replaces the digest. */
export function exactly({ name, tag, digest }: RegistryReference, instead?: string): string {
  const pinned = instead ?? digest;
  return pinned === undefined ? `${name}:${tag}` : `${name}@${pinned}`;
}
