/** What skopeo says of a registry that it gets nothing from, for people: what is wrong, and what to do. */
import { splitHost } from "../serve/repository.ts";

interface Failure {
  pattern: RegExp;
  /** `host`: the registry, as it was named. */
  means: (host: string, use: Use) => string;
}

/** What the registry is used for. */
type Use = "push" | "fetch";

/** Of a push that broke. */
const resumes = (use: Use) => (use === "push" ? "; what has arrived is not sent again the next time" : "");
const FAILURES: Failure[] = [
  { pattern: /no such host/, means: (host) => `there is no machine of the name ${host}` },
  { pattern: /connection refused/, means: (host) => `nothing answers at ${host}` },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    means: (host) => `${host} speaks plain HTTP, which --insecure allows`,
  },
  {
    pattern: /x509:/,
    means: (host) =>
      `the certificate of ${host} is vouched for by nobody known here: put that authority's into ` +
      `/etc/containers/certs.d/${host}/ca.crt, or allow any with --insecure`,
  },
  {
    pattern: /unauthorized|authentication required|HTTP status:? 401|invalid username\/password/i,
    means: (host) => `${host} wants a login, or another one: \`skopeo login ${host}\``,
  },
  {
    pattern: /(?<!permission )denied|HTTP status:? 403/i,
    means: (host, use) =>
      use === "push"
        ? `${host} forbids it: the login may not write there, or the tag may not be written again`
        : `${host} forbids it, or has no such image`,
  },
  {
    pattern: /HTTP status:? 5\d\d/,
    means: (host, use) => `${host} failed, and its log says why (a full disk, perhaps)${resumes(use)}`,
  },
  {
    pattern: /EOF|connection reset|broken pipe|i\/o timeout|TLS handshake timeout/,
    means: (host, use) => `the connection to ${host} broke${resumes(use)}`,
  },
  { pattern: /manifest unknown|name unknown/, means: (host) => `${host} has no such image` },
];

/** `said`: skopeo's last words; they are kept, in brackets. */
export function explain(reference: string, said: string, use: Use = "push"): string {
  const host = splitHost(reference).host ?? "docker.io";
  const known = FAILURES.find(({ pattern }) => pattern.test(said));
  // Which blob it was about is chance.
  const blob = /(?:trying to reuse|writing) blob (?:sha256:)?[0-9a-f]*(?: at destination)?: /;
  const words = said.replace(blob, "").trim().replace(/\s+/g, " ");
  return known === undefined ? `${reference}: ${words}` : `${reference}: ${known.means(host, use)} (${words})`;
}
