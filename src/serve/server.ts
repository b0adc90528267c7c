/** A read-only registry of image directories: the pull half of the OCI distribution API. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { limitConnections } from "./connections.ts";
import { page, PageError, inOrder } from "./pagination.ts";
import type { LayerPool } from "./layer-pool.ts";
import { json, refuse, sendDocument } from "./reply.ts";
import { parseRoute, type Route } from "./route.ts";
import { BlobSender, type SendOptions } from "./send-blob.ts";
import type { Repository, RepositorySource } from "./repositories.ts";
import { INDEX_TYPE } from "../oci/media-types.ts";

export interface Registry extends AsyncDisposable {
  /** The host and port for image references, such as `127.0.0.1:5000`. */
  address: string;
  /** Closes all connections, but keeps listening. */
  cut(): void;
}

export interface Listen {
  host: string;
  /** 0: any free port. */
  port: number;
}

export interface RegistryOptions extends Partial<SendOptions> {
  listen?: Listen;
  /** Milliseconds for the headers of a request; the whole request has three times as long. */
  headTime?: number;
}

export const LOOPBACK: Listen = { host: "127.0.0.1", port: 0 };
const LOOPBACK_NAME = /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i;

export async function startRegistry(
  source: RepositorySource,
  pool: LayerPool,
  { listen: { host, port } = LOOPBACK, headTime = 10_000, onLayer = () => {}, ...options }: RegistryOptions = {},
): Promise<Registry> {
  const sender = new BlobSender(pool, { onLayer, ...options });
  const loopback = isLoopback(host);
  const server = createServer({
    // Enough for the header of a client that asks for 1,024 ranges.
    maxHeaderSize: 1 << 16,
    requestTimeout: 3 * headTime,
    headersTimeout: headTime,
    connectionsCheckingInterval: headTime / 2,
    keepAliveTimeout: 30_000,
  });
  limitConnections(server);
  server.on("request", (request, response) => {
    answer(source, sender, loopback, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 500, code: "UNKNOWN", message: "internal error" });
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return {
    address: addressOf(server),
    cut: () => server.closeAllConnections(),
    [Symbol.asyncDispose]: () => close(server),
  };
}

export function isLoopback(host: string): boolean {
  return LOOPBACK_NAME.test(host) || host === "::1";
}

async function answer(
  source: RepositorySource,
  sender: BlobSender,
  loopback: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A disconnected client must not end the process.
  response.on("error", () => response.destroy());
  response.setHeader("Docker-Distribution-API-Version", "registry/2.0");
  // DNS rebinding: a web page may point its own host name at this machine, but its requests carry that host name.
  if (loopback && !LOOPBACK_NAME.test(request.headers.host ?? "localhost")) {
    refuse(response, { status: 403, code: "DENIED", message: "this server answers requests from this machine only" });
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    const message = "this registry is read-only";
    refuse(response, { status: 405, code: "UNSUPPORTED", message, headers: { Allow: "GET, HEAD" } });
    return;
  }
  const route = parseRoute(request.url ?? "");
  if (route.kind === "base") json(response, 200, {});
  else if (route.kind === "unknown") refuse(response, { status: 404, code: "UNSUPPORTED", message: "unknown path" });
  else if (route.kind === "invalid") refuse(response, { status: 400, code: route.code, message: route.message });
  else if (route.kind === "referrers") referrers(response, route.query);
  else if (route.kind === "catalogue")
    list(response, "/v2/_catalog", route.query, source, (names) => ({ repositories: names }));
  else await inRepository(source, sender, route, request, response);
}

async function inRepository(
  source: RepositorySource,
  sender: BlobSender,
  route: Extract<Route, { kind: "tags" | "manifest" | "blob" }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { name } = route;
  const repository = source.repositories().get(name);
  if (repository === undefined) {
    refuse(response, { status: 404, code: "NAME_UNKNOWN", message: `no image is named ${name}` });
  } else if (route.kind === "tags") {
    list(response, `/v2/${name}/tags/list`, route.query, repository.tags, (tags) => ({ name, tags }));
  } else if (route.kind === "manifest") {
    const { tags, manifests } = repository;
    const document = tags.get(route.reference) ?? manifests.get(route.reference);
    if (document !== undefined) sendDocument(request, response, document);
    else refuse(response, unknown("MANIFEST_UNKNOWN", name, route.reference));
  } else {
    const blob = repository.blobs.get(route.digest);
    if (blob !== undefined) await sender.send(request, response, route.digest, blob);
    else refuse(response, unknown("BLOB_UNKNOWN", name, route.digest));
  }
}

/** No manifest here has a subject; the spec then requires an empty index for every digest. */
function referrers(response: ServerResponse, query: string): void {
  const filter = new URLSearchParams(query).has("artifactType") ? { "OCI-Filters-Applied": "artifactType" } : {};
  const headers = { "Content-Type": INDEX_TYPE, ...filter };
  json(response, 200, { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [] }, headers);
}

function list(
  response: ServerResponse,
  path: string,
  query: string,
  names: RepositorySource | Repository["tags"],
  body: (names: string[]) => object,
): void {
  const keys = "repositories" in names ? names.repositories().keys() : names.keys();
  try {
    const { names: shown, next } = page(inOrder(keys), query);
    json(response, 200, body(shown), next === undefined ? {} : { Link: `<${path}?${next}>; rel="next"` });
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    refuse(response, { status: 400, code: "PAGINATION_NUMBER_INVALID", message: error.message });
  }
}

function unknown(code: string, name: string, reference: string) {
  return { status: 404, code, message: `${name} has no ${reference}` };
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
