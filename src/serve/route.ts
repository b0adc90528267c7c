/**
 * Parses request paths: the read half of the OCI distribution spec. Paths are never decoded, and never become file names:
 * names and digests are looked up in tables.
 */
import { DIGEST } from "../oci/digest-syntax.ts";
import { REPOSITORY } from "../oci/reference.ts";

export type Route =
  | { kind: "base" }
  | { kind: "catalogue"; query: string }
  | { kind: "tags"; name: string; query: string }
  | { kind: "manifest"; name: string; reference: string }
  | { kind: "blob"; name: string; digest: string }
  | { kind: "referrers"; name: string; digest: string; query: string }
  | { kind: "invalid"; code: "NAME_INVALID" | "DIGEST_INVALID"; message: string }
  | { kind: "unknown" };

/** Longer URLs are rejected, to limit the time for matching. */
const MAX_URL = 2048;
const PATTERN = new RegExp(
  "^/v2/(?<name>.+)/(?:(?<tags>tags/list)|manifests/(?<reference>[^/]+)|" +
    "blobs/(?<blob>[^/]+)|referrers/(?<subject>[^/]+))$",
);
const NAME = new RegExp(`^${REPOSITORY}$`);
/** Digests of other algorithms are valid, but this server has no blob with such a digest. */
const VALID_DIGEST = new RegExp(`^(?:${DIGEST}|(?!sha256:)[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+)$`);

export function parseRoute(url: string): Route {
  if (url.length > MAX_URL) return { kind: "unknown" };
  const [path, query] = splitQuery(url);
  if (path === "/v2/" || path === "/v2") return { kind: "base" };
  if (path === "/v2/_catalog") return { kind: "catalogue", query };
  const { name, tags, reference, blob, subject } = PATTERN.exec(path)?.groups ?? {};
  if (name === undefined) return { kind: "unknown" };
  if (!NAME.test(name)) return { kind: "invalid", code: "NAME_INVALID", message: "invalid repository name" };
  if (tags !== undefined) return { kind: "tags", name, query };
  const digest = blob ?? subject ?? (reference?.includes(":") ? reference : undefined);
  if (digest !== undefined && !VALID_DIGEST.test(digest)) {
    return { kind: "invalid", code: "DIGEST_INVALID", message: "invalid digest; write sha256:…" };
  }
  if (reference !== undefined) return { kind: "manifest", name, reference };
  if (blob !== undefined) return { kind: "blob", name, digest: blob };
  if (subject !== undefined) return { kind: "referrers", name, digest: subject, query };
  return { kind: "unknown" };
}

function splitQuery(url: string): [string, string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}
