/** A registry in this process (distribution-spec 1.1) that can answer any request wrongly. */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanUp } from "./tools.ts";

export interface Request {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingMessage["headers"];
  /** The number of earlier requests of this kind. */
  earlier: number;
}

/** A fault of the registry. */
export type Fault =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Closes the connection after the request's first bytes. */
  | "cut"
  /** Reads the request and never answers. */
  | "hang"
  /** Sends half of the right answer, then closes the connection. */
  | "break"
  /** Sends half of the right answer, then nothing more. */
  | "stall";

export interface FakeRegistry {
  address: string;
  manifests: Map<string, { type: string; bytes: Buffer }>;
  blobs: Map<string, Buffer>;
  requests: Request[];
}

export interface Behaviour {
  fault?: (request: Request) => Fault | undefined;
  /** Changes a manifest before it is stored. */
  store?: (bytes: Buffer) => Buffer | undefined;
  /** The location of an upload; `host`: the registry's address. */
  location?: (path: string, host: string) => string;
  /** Milliseconds before each answer. */
  delay?: number;
}

/** The kind of a request: its method and endpoint. */
export function kind({ method, url }: { method?: string | undefined; url?: string | undefined }): string {
  const path = (url ?? "").split("?")[0] ?? "";
  if (path === "/v2/") return `${method} ping`;
  if (path.includes("/manifests/")) return `${method} manifest`;
  if (path.includes("/uploads/")) return `${method} upload`;
  return path.includes("/blobs/") ? `${method} blob` : `${method} ${path}`;
}

export async function fakeRegistry(behaviour: Behaviour = {}): Promise<FakeRegistry> {
  const state: FakeRegistry = { address: "", manifests: new Map(), blobs: new Map(), requests: [] };
  const uploads = new Map<string, Buffer[]>();
  const counts = new Map<string, number>();

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = incoming;
    const earlier = counts.get(kind(incoming)) ?? 0;
    counts.set(kind(incoming), earlier + 1);
    const request = { method, url, headers, earlier };
    state.requests.push(request);
    if (behaviour.delay !== undefined) await sleep(behaviour.delay);
    const fault = behaviour.fault?.(request);
    if (fault === "cut") {
      incoming.socket.destroy();
      return;
    }
    const body = await buffer(incoming);
    if (fault === "hang") return;
    const reply = (status: number, more: Record<string, string> = {}, content: Buffer | string = ""): void => {
      outgoing.writeHead(status, { "Content-Length": String(Buffer.byteLength(content)), ...more });
      if (fault === "break" || fault === "stall") {
        const half = Buffer.from(content).subarray(0, Buffer.byteLength(content) / 2);
        outgoing.write(half, () => fault === "break" && setTimeout(() => incoming.socket.destroy(), 20));
      } else outgoing.end(method === "HEAD" ? undefined : content);
    };
    if (typeof fault === "object") {
      reply(fault.status, { "Content-Type": "application/json", ...fault.headers }, fault.body ?? "");
      return;
    }
    const [path = "", query = ""] = url.split("?");
    const [, name = ""] = /^\/v2\/(.+?)\/(?:blobs|manifests)\//.exec(path) ?? [];
    const last = path.slice(path.lastIndexOf("/") + 1);
    const where = (id: string) =>
      (behaviour.location ?? ((to: string) => to))(`/v2/${name}/blobs/uploads/${id}`, state.address);
    switch (kind(incoming)) {
      case "GET ping":
        reply(200);
        return;
      case "HEAD blob":
      case "GET blob": {
        const blob = state.blobs.get(last);
        reply(blob === undefined ? 404 : 200, { "Docker-Content-Digest": last }, blob ?? errors("BLOB_UNKNOWN"));
        return;
      }
      case "POST upload": {
        const id = randomUUID();
        uploads.set(id, []);
        reply(202, { Location: where(id), "Docker-Upload-UUID": id });
        return;
      }
      case "PATCH upload":
        uploads.get(last)?.push(body);
        reply(uploads.has(last) ? 202 : 404, { Location: where(last) });
        return;
      case "PUT upload": {
        const bytes = Buffer.concat([...(uploads.get(last) ?? []), body]);
        const wanted = new URLSearchParams(query).get("digest") ?? "";
        if (digest(bytes) !== wanted) reply(400, {}, errors("DIGEST_INVALID"));
        else {
          state.blobs.set(wanted, bytes);
          reply(201, { Location: `/v2/${name}/blobs/${wanted}`, "Docker-Content-Digest": wanted });
        }
        return;
      }
      case "PUT manifest": {
        const stored = behaviour.store === undefined ? body : behaviour.store(body);
        if (stored !== undefined) {
          const manifest = { type: headers["content-type"] ?? "", bytes: stored };
          state.manifests.set(last, manifest).set(digest(stored), manifest);
        }
        reply(201, { "Docker-Content-Digest": digest(body) });
        return;
      }
      case "HEAD manifest":
      case "GET manifest": {
        const found = state.manifests.get(last);
        if (found === undefined) reply(404, {}, errors("MANIFEST_UNKNOWN"));
        else reply(200, { "Content-Type": found.type, "Docker-Content-Digest": digest(found.bytes) }, found.bytes);
        return;
      }
      default:
        reply(404, {}, errors("UNSUPPORTED"));
    }
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    server.close();
    server.closeAllConnections();
  });
  state.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

/** A web page, like those of login pages and proxies. */
export function html(status: number): Fault {
  return { status, headers: { "Content-Type": "text/html" }, body: "<!doctype html><title>Log in</title>" };
}

/** 401, with a `WWW-Authenticate` header. */
export function challenge(scheme: string, body = errors("UNAUTHORIZED", "authentication required")): Fault {
  return { status: 401, headers: { "WWW-Authenticate": scheme }, body };
}

/** Too many requests. skopeo waits as long as the answer says, or else a minute. */
export const limited: Fault = { status: 429, headers: { "Retry-After": "0" }, body: errors("TOOMANYREQUESTS") };

/** An error as registries write it (distribution-spec, "Error Codes"). */
export function errors(code: string, message = code.toLowerCase().replaceAll("_", " ")): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
