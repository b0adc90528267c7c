/** A registry to read from, over image directories: the OCI distribution API without its writing half. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { limitConnections } from "./connections.ts";
import { page, PageError, inOrder } from "./pagination.ts";
import type { LayerPool } from "./layer-pool.ts";
import { json, refuse, sendDocument } from "./reply.ts";
import { parseRoute, type Route } from "./route.ts";
import { BlobSender, type SendOptions } from "./send-blob.ts";
import type { Repository, Shelf } from "./repositories.ts";
import { INDEX_TYPE } from "../oci/media-types.ts";

export interface Registry {
  /** `127.0.0.1:5000`, as it stands in front of an image's name. */
  address: string;
  /** Ends what is being sent. */
  cut(): void;
  close(): Promise<void>;
}

export interface Listen {
  host: string;
  /** 0: any that is free. */
  port: number;
}

export interface RegistryOptions extends Partial<SendOptions> {
  listen?: Listen;
  /** Milliseconds that a client has for the head of a request; for all of it, three times as many. */
  headTime?: number;
}

export const LOOPBACK: Listen = { host: "127.0.0.1", port: 0 };
const LOOPBACK_NAME = /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i;

export async function startRegistry(
  shelf: Shelf,
  pool: LayerPool,
  { listen: { host, port } = LOOPBACK, headTime = 10_000, onLayer = () => {}, ...options }: RegistryOptions = {},
): Promise<Registry> {
  const sender = new BlobSender(pool, { onLayer, ...options });
  const loopback = isLoopback(host);
  const server = createServer({
    requestTimeout: 3 * headTime,
    headersTimeout: headTime,
    connectionsCheckingInterval: headTime / 2,
    keepAliveTimeout: 30_000,
  });
  limitConnections(server);
  server.on("request", (request, response) => {
    answer(shelf, sender, loopback, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 500, code: "UNKNOWN", message: "this server failed" });
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return { address: addressOf(server), cut: () => server.closeAllConnections(), close: () => close(server) };
}

export function isLoopback(host: string): boolean {
  return LOOPBACK_NAME.test(host) || host === "::1";
}

async function answer(
  shelf: Shelf,
  sender: BlobSender,
  loopback: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A client that goes away is no event for the whole process.
  response.on("error", () => response.destroy());
  response.setHeader("Docker-Distribution-API-Version", "registry/2.0");
  // A web page may have its own name point at this machine; its requests still carry that name.
  if (loopback && !LOOPBACK_NAME.test(request.headers.host ?? "localhost")) {
    refuse(response, { status: 403, code: "DENIED", message: "this server answers on this machine only" });
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    const message = "this registry can only be read from";
    refuse(response, { status: 405, code: "UNSUPPORTED", message, headers: { Allow: "GET, HEAD" } });
    return;
  }
  const route = parseRoute(request.url ?? "");
  if (route.kind === "base") json(response, 200, {});
  else if (route.kind === "unknown") refuse(response, { status: 404, code: "UNSUPPORTED", message: "no such address" });
  else if (route.kind === "invalid") refuse(response, { status: 400, code: route.code, message: route.message });
  else if (route.kind === "referrers") referrers(response, route.query);
  else if (route.kind === "catalogue")
    list(response, "/v2/_catalog", route.query, shelf, (names) => ({ repositories: names }));
  else await inRepository(shelf, sender, route, request, response);
}

async function inRepository(
  shelf: Shelf,
  sender: BlobSender,
  route: Extract<Route, { kind: "tags" | "manifest" | "blob" }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { name } = route;
  const repository = shelf.repositories().get(name);
  if (repository === undefined) {
    refuse(response, { status: 404, code: "NAME_UNKNOWN", message: `there is no image named ${name} here` });
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

/** Nothing here refers to another manifest. For that the spec wants an empty index, of whatever is asked. */
function referrers(response: ServerResponse, query: string): void {
  const filter = new URLSearchParams(query).has("artifactType") ? { "OCI-Filters-Applied": "artifactType" } : {};
  const headers = { "Content-Type": INDEX_TYPE, ...filter };
  json(response, 200, { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [] }, headers);
}

function list(
  response: ServerResponse,
  path: string,
  query: string,
  names: Shelf | Repository["tags"],
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
