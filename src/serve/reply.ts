/** Responses of the distribution spec: documents, lists, and errors as JSON. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Document } from "./view.ts";

/** An error response. `code`: an error code of the spec. `message`: a text that clients show to their users. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
  headers?: Record<string, string>;
}

export function refuse(response: ServerResponse, { status, code, message, headers }: Refusal): void {
  json(response, status, { errors: [{ code, message }] }, headers);
}

export function json(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": bytes.length, ...headers });
  response.end(bytes);
}

/** Headers of a document or blob. */
export function identityHeaders(digest: string): Record<string, string> {
  return { "Docker-Content-Digest": digest, ETag: `"${digest}"` };
}

/** Answers 304 if the client already has the bytes. Returns whether the request was answered. */
export function isKnown(request: IncomingMessage, response: ServerResponse, digest: string): boolean {
  const known = request.headers["if-none-match"]?.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known === undefined || !(known.includes(`"${digest}"`) || known.includes("*"))) return false;
  response.writeHead(304, identityHeaders(digest));
  response.end();
  return true;
}

export function sendDocument(request: IncomingMessage, response: ServerResponse, document: Document): void {
  const { mediaType, digest, bytes } = document;
  if (isKnown(request, response, digest)) return;
  response.writeHead(200, { "Content-Type": mediaType, "Content-Length": bytes.length, ...identityHeaders(digest) });
  response.end(request.method === "HEAD" ? undefined : bytes);
}
