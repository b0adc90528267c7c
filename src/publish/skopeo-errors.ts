/**
 * Explains a failure of skopeo, and whether a retry may help. skopeo has no structured errors, so its messages are matched;
 * the end-to-end tests check every pattern against each supported version of skopeo.
 */
import { splitHost } from "../oci/reference.ts";

interface Failure {
  pattern: RegExp;
  /** `host`: the registry, as the user named it. */
  means: (host: string, use: Use) => string;
  /** Whether the same request may succeed a moment later. */
  isTransient?: true;
}

/** What the registry is used for. */
export type Use = "push" | "fetch";

export interface Explanation {
  /** The explanation, followed by skopeo's message in brackets. */
  message: string;
  /** The explanation alone. */
  brief: string;
  isTransient: boolean;
}

/** An HTTP status in skopeo's messages: `HTTP status: 500`, `StatusCode: 413`, `registry 404 (Not Found)`, `x: 500 (…)`. */
function status(codes: string): RegExp {
  return new RegExp(`(?:HTTP status:?|StatusCode:|status code from registry|:) (?:${codes})\\b`);
}

const PUSH_RESUMES = "; the next push sends only what is missing";
const FAILURES: Failure[] = [
  { pattern: /no such host/, means: (host) => `cannot resolve the host ${host}` },
  { pattern: /connection refused/, means: (host) => `nothing listens at ${host}` },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    means: (host) => `${host} speaks plain HTTP; allow that with --insecure`,
  },
  {
    pattern: /x509:|tls: /,
    means: (host) =>
      `the certificate of ${host} is not trusted here: put its authority into ` +
      `/etc/containers/certs.d/${host}/ca.crt, name it in SSL_CERT_FILE, or accept any certificate with --insecure`,
  },
  {
    pattern: /pinging container registry.*\b404\b/,
    means: (host) => `${host} is not a registry: it answers 404 at /v2/`,
  },
  {
    pattern: /initiating layer upload.*(?:name unknown|\b404\b)/,
    means: (host) => `the repository must be made first at ${host}, which does not make one for a push`,
  },
  {
    pattern: /toomanyrequests|\b429\b/i,
    means: (host) => `${host} limits the number of requests, and the limit is reached`,
    isTransient: true,
  },
  {
    pattern: /unauthorized|authentication required|HTTP status:? 401|invalid username\/password/i,
    means: (host, use) =>
      use === "push"
        ? `${host} wants a login, or another one: \`skopeo login ${host}\``
        : `${host} wants a login, or another one (\`skopeo login ${host}\`), or has no such image`,
  },
  {
    pattern: /requesting bearer token|invalid character .* looking for beginning of value|unmarshal/,
    means: (host) => `${host}, or its token server, answers with text that is not JSON: is it a registry?`,
  },
  {
    pattern: /(?<!permission )denied|(?:HTTP status:?|StatusCode:) 403/i,
    means: (host, use) =>
      use === "push"
        ? `${host} forbids it: the login may not write there, or the tag may not be changed`
        : `${host} forbids it, or has no such image`,
  },
  {
    pattern: /StatusCode: 413/,
    means: (host) =>
      `${host}, or a proxy in front of it, refuses an upload of this size (413): raise its limit, or cut smaller layers with \`layers\``,
  },
  {
    pattern: /initiating layer upload.*(?:unsupported|\b405\b)/,
    means: (host) => `${host} takes no uploads: it is a mirror to read from, or not a registry`,
  },
  {
    pattern: status("5\\d\\d"),
    means: (host, use) =>
      `${host} failed; its log says why (a full disk, perhaps)${use === "push" ? PUSH_RESUMES : ""}`,
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
      `${host} refuses the manifest: an old registry may know only \`manifest docker\` with \`compression gzip\``,
  },
  {
    pattern: /no Location header|stopped after \d+ redirects|determining upload URL/,
    means: (host) => `${host} answers an upload with no usable address to send to: its configuration is broken`,
  },
  { pattern: /manifest unknown|name unknown/, means: (host) => `${host} has no such image` },
];

/** `words`: skopeo's last message. */
export function explain(reference: string, words: string, use: Use = "push"): Explanation {
  const host = hostOf(reference);
  // The blob that failed first is random, and upload addresses are noise.
  const blob = /(?:trying to reuse|writing) blob (?:sha256:)?[0-9a-f]*(?: at destination)?: /;
  const kept = words.replace(blob, "").trim().replace(/\s+/g, " ");
  const known = FAILURES.find(({ pattern }) => pattern.test(kept));
  const brief = `${reference}: ${known?.means(host, use) ?? kept}`;
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
