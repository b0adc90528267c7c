/** Pins a flake reference: resolves it to arguments of fetchers that every version of Nix has. */
import { dirname, resolve } from "node:path";
import * as z from "zod/mini";
import { runTool, ToolError } from "../util/run-tool.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

export type PinnedFlake =
  | { fetch: "tarball"; url: string; narHash: string }
  | { fetch: "git"; url: string; rev: string; narHash: string }
  | { fetch: "path"; path: string; narHash: string };

const Tree = z.object({ narHash: z.string(), rev: z.optional(z.string()) });
/** The reference is passed in the environment, so that it is never parsed as Nix code. */
const EXPRESSION =
  'builtins.removeAttrs (builtins.fetchTree (builtins.fromJSON (builtins.getEnv "IMGC_TREE"))) [ "outPath" ]';
const FORGES = ["github", "gitlab", "sourcehut"];

/** `spec`: the file with the reference; paths are relative to its folder. */
export async function pinFlake(reference: string, spec: string, signal?: AbortSignal): Promise<PinnedFlake> {
  const [, scheme = "", bare = "", query = ""] = /^([a-z][a-z0-9+.-]*):([^?#]*)(?:\?([^#]*))?/.exec(reference) ?? [];
  const { narHash, rev } = await fetchTree(reference, treeOf(reference, scheme, bare, query, spec), signal);
  if (scheme === "path") return { fetch: "path", path: bare, narHash };
  if (scheme.startsWith("git+")) {
    if (rev === undefined) throw new ImgcError(EXIT.environment, `${reference} has uncommitted changes; commit them`);
    return { fetch: "git", url: `${scheme.slice("git+".length)}:${bare}`, rev, narHash };
  }
  const url = archiveUrl(scheme, bare, query, rev) ?? `${scheme.replace("tarball+", "")}:${bare}`;
  return { fetch: "tarball", url, narHash };
}

/** The argument of `fetchTree`. Before Nix 2.19, `fetchTree` does not accept references such as `github:OWNER/NAME`. */
function treeOf(reference: string, scheme: string, bare: string, query: string, spec: string): string | object {
  if (scheme === "path") return { type: "path", path: resolve(dirname(spec), bare) };
  if (FORGES.includes(scheme)) {
    const [owner, repo, at] = bare.split("/");
    const parameters = Object.fromEntries(new URLSearchParams(query));
    const ref = at ?? parameters["rev"] ?? parameters["ref"];
    const revision = ref === undefined ? {} : { [/^[0-9a-f]{40}$/.test(ref) ? "rev" : "ref"]: ref };
    const { host } = parameters;
    if (owner && repo) return { type: scheme, owner, repo, ...(host === undefined ? {} : { host }), ...revision };
  }
  if (bare.startsWith("//")) return reference;
  throw new ImgcError(
    EXIT.environment,
    `${reference} cannot be pinned: write github:OWNER/NAME/BRANCH (or gitlab:, sourcehut:), git+https://, path:, ` +
      "or the URL of an archive",
  );
}

/** The URL from which Nix fetches a revision; undefined for schemes other than those of forges. */
function archiveUrl(scheme: string, bare: string, query: string, rev: string | undefined): string | undefined {
  const [owner = "", name = ""] = bare.split("/");
  const host = new URLSearchParams(query).get("host");
  switch (scheme) {
    case "github":
      if (host !== null && host !== "github.com") return `https://${host}/api/v3/repos/${owner}/${name}/tarball/${rev}`;
      return `https://github.com/${owner}/${name}/archive/${rev}.tar.gz`;
    case "gitlab": {
      const api = `https://${host ?? "gitlab.com"}/api/v4/projects`;
      return `${api}/${owner}%2F${name}/repository/archive.tar.gz?sha=${rev}`;
    }
    case "sourcehut":
      return `https://${host ?? "git.sr.ht"}/${owner}/${name}/archive/${rev}.tar.gz`;
    default:
      return undefined;
  }
}

async function fetchTree(
  reference: string,
  tree: string | object,
  signal: AbortSignal | undefined,
): Promise<z.infer<typeof Tree>> {
  const features = ["--extra-experimental-features", "nix-command flakes"];
  try {
    const json = await runTool("nix", ["eval", ...features, "--impure", "--json", "--expr", EXPRESSION], {
      env: { IMGC_TREE: JSON.stringify(tree) },
      signal,
    });
    return Tree.parse(JSON.parse(json));
  } catch (error) {
    if (error instanceof ToolError)
      throw new ImgcError(EXIT.environment, `${reference} cannot be fetched: ${error.message}`);
    throw error;
  }
}
