/**
 * What a request asks for: the read half of the OCI distribution spec. The path is matched as it was sent, never
 * decoded, and nothing of it ever becomes a file's name: whatever is asked for is looked up in tables.
 */
import { DIGEST, REPOSITORY, TAG } from "./repository.ts";

export type Route =
  | { kind: "base" }
  | { kind: "catalogue"; query: string }
  | { kind: "tags"; name: string; query: string }
  | { kind: "manifest"; name: string; reference: string }
  | { kind: "blob"; name: string; digest: string }
  | { kind: "referrers"; name: string; digest: string }
  | { kind: "unknown" };

/** Longer ones are nobody's name; it bounds what the pattern has to look at. */
const MAX_URL = 2048;
const PATTERN = new RegExp(
  `^/v2/(?<name>${REPOSITORY})/(?:(?<tags>tags/list)|manifests/(?<reference>${TAG}|${DIGEST})|` +
    `blobs/(?<blob>${DIGEST})|referrers/(?<subject>${DIGEST}))$`,
);

export function parseRoute(url: string): Route {
  if (url.length > MAX_URL) return { kind: "unknown" };
  const [path, query] = splitQuery(url);
  if (path === "/v2/" || path === "/v2") return { kind: "base" };
  if (path === "/v2/_catalog") return { kind: "catalogue", query };
  const { name = "", tags, reference, blob, subject } = PATTERN.exec(path)?.groups ?? {};
  if (tags !== undefined) return { kind: "tags", name, query };
  if (reference !== undefined) return { kind: "manifest", name, reference };
  if (blob !== undefined) return { kind: "blob", name, digest: blob };
  if (subject !== undefined) return { kind: "referrers", name, digest: subject };
  return { kind: "unknown" };
}

function splitQuery(url: string): [string, string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}
