/**
 * Explains a failure of skopeo, and whether a retry may help. skopeo has no structured errors, so its messages are matched;
 * the end-to-end tests check every pattern against each supported version of skopeo.
 */
import { splitHost } from "../oci/reference.ts";

interface Failure {
  pattern: RegExp;
  /** The explanation. `host`: the registry, as the user wrote it. `asked`: the host of the failed request. */
  means: (host: string, use: Use, asked: string) => string;
  /** Whether the same request may succeed a moment later. */
  isTransient?: true;
}

/** The purpose of the request to the registry. */
export type Use = "push" | "fetch";

export interface Explanation {
  /** The explanation, followed by skopeo's message in brackets. If there is no explanation, skopeo's message alone. */
  message: string;
  /** The explanation without skopeo's message. */
  brief: string;
  isTransient: boolean;
}

/** An HTTP status in skopeo's messages: `HTTP status: 500`, `StatusCode: 413`, `registry 404 (Not Found)`, `x: 500 (…)`. */
function status(codes: string): RegExp {
  return new RegExp(`(?:HTTP status:?|StatusCode:|status code from registry|:) (?:${codes})\\b`);
}

/** Matches skopeo's messages for bytes whose digest is not the requested one. */
export const DAMAGED = /digest did not match|does not match (?:provided manifest digest|expected)/i;

const PUSH_RESUMES = "; the next push sends only what is missing";
const FAILURES: Failure[] = [
  { pattern: /no such host/, means: (host) => `cannot resolve the host ${host}` },
  {
    pattern: /: invalid port$/,
    means: (_, __, asked) => `${asked} has no valid port; write a port from 1 to 65535`,
  },
  { pattern: /connection refused/, means: (_, __, asked) => `nothing listens at ${asked}` },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    means: (host) => `${host} speaks plain HTTP; allow that with --insecure`,
  },
  {
    pattern: /x509:|tls: /,
    means: (host) =>
      `the certificate of ${host} is not trusted: put its authority into ` +
      `/etc/containers/certs.d/${host}/ca.crt, name it in SSL_CERT_FILE, or accept any certificate with --insecure`,
  },
  {
    pattern: /pinging container registry.*\b404\b/,
    means: (host) => `${host} is not a registry: it answers 404 at /v2/`,
  },
  {
    pattern: /initiating layer upload.*(?:name unknown|\b404\b)/,
    means: (host) => `${host} does not create repositories on push; create the repository first`,
  },
  {
    pattern: /too ?many ?requests|\b429\b/i,
    means: (host) => `${host} has reached its limit of requests`,
    isTransient: true,
  },
  {
    pattern: /unauthorized|authentication required|HTTP status:? 401|invalid username\/password/i,
    means: (host, use) =>
      use === "push"
        ? `${host} requires a login, or another one: \`skopeo login ${host}\``
        : `${host} requires a login, or another one (\`skopeo login ${host}\`), or has no such image`,
  },
  {
    pattern: /invalid character .* looking for beginning of value|unexpected end of JSON input|unmarshal/,
    means: (host) => `${host}, or its token server, answers with text that is not JSON: is it a registry?`,
  },
  {
    pattern: new RegExp(`(?<!permission )denied|${status("403").source}`, "i"),
    means: (host, use) =>
      use === "push"
        ? `${host} denied the push: the login has no write permission, or the tag is immutable`
        : `${host} denied access, or has no such image`,
  },
  {
    pattern: /StatusCode: 413/,
    means: (host) =>
      `${host}, or a proxy in front of it, refuses an upload of this size (413): raise its limit, or make smaller layers with \`layers\``,
  },
  {
    pattern: /initiating layer upload.*(?:unsupported|\b405\b)/,
    means: (host) => `${host} accepts no uploads: it is a read-only mirror, or not a registry`,
  },
  {
    pattern: status("5\\d\\d"),
    means: (host, use) => `${host} failed; see its log (perhaps its disk is full)${use === "push" ? PUSH_RESUMES : ""}`,
    isTransient: true,
  },
  {
    pattern: /EOF|connection reset|broken pipe|i\/o timeout|TLS handshake timeout|deadline exceeded/,
    means: (host, use) => `the connection to ${host} broke${use === "push" ? PUSH_RESUMES : ""}`,
    isTransient: true,
  },
  {
    pattern: /digest invalid/,
    means: (host) => `${host} received other bytes than were sent`,
    isTransient: true,
  },
  {
    pattern: /manifest blob unknown/,
    means: (host) => `${host} lost a layer that was sent before the manifest`,
    isTransient: true,
  },
  {
    pattern: /manifest invalid/,
    means: (host) =>
      `${host} refuses the manifest: an old registry may need \`manifest docker\` and \`compression gzip\``,
  },
  {
    pattern: new RegExp(
      `no Location header|stopped after \\d+ redirects|determining upload URL|${status("30\\d").source}`,
    ),
    means: (host, use) =>
      use === "push"
        ? `${host} answers an upload without a usable address: its configuration is broken`
        : `${host} redirects to no usable address: its configuration is broken`,
  },
  {
    pattern: /failed to parse Location header|unsupported protocol scheme|missing realm in bearer auth challenge/,
    means: (host) =>
      `${host} names no usable address of its token server or of a redirect: its configuration is broken`,
  },
  {
    pattern: DAMAGED,
    means: (host) => `${host} sent other bytes than the digest names: the answer was manipulated, or it is damaged`,
  },
  {
    // Go's HTTP client writes every other failure of a connection as `Patch "https://…": REASON` (net/url, `url.Error`).
    pattern: /\b(?:Get|Head|Post|Put|Patch|Delete) "https?:[^"]*": /,
    means: (host, use) => `the connection to ${host} broke${use === "push" ? PUSH_RESUMES : ""}`,
    isTransient: true,
  },
  { pattern: /blob.*(?:\b404\b|blob unknown)/, means: (host) => `${host} lost a part of the image` },
  {
    pattern: new RegExp(`manifest unknown|name unknown|${status("404").source}`),
    means: (host) => `${host} has no such image`,
  },
  {
    pattern: /pinging container registry.*(?:invalid status code|StatusCode:)/,
    means: (host) => `${host} answers /v2/ with an unexpected status: is it a registry?`,
  },
  { pattern: /requesting bearer token/i, means: (host) => `the token server of ${host} gives no token` },
];

/** `text`: skopeo's last message. */
export function explain(reference: string, text: string, use: Use = "push"): Explanation {
  const host = hostOf(reference);
  // Remove the blob's digest: which of several blobs fails first is random.
  const blob = /(?:trying to reuse|writing) blob (?:sha256:)?[0-9a-f]*(?: at destination)?: /;
  const kept = text.replace(blob, "").trim().replace(/\s+/g, " ");
  const known = FAILURES.find(({ pattern }) => pattern.test(kept));
  const [, asked = host] = /"https?:\/\/([^/"]+)[^"]*": /.exec(kept) ?? [];
  const brief = `${reference}: ${known?.means(host, use, asked) ?? kept}`;
  return {
    message: known === undefined ? brief : `${brief} (${kept})`,
    brief,
    isTransient: known?.isTransient === true,
  };
}

/** The registry of a reference. */
export function hostOf(reference: string): string {
  return splitHost(reference).host ?? "docker.io";
}
