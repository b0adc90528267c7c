/** A proxy between a client and a registry that records requests and can fail. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { cleanUp } from "./tools.ts";

export interface Asked {
  method: string;
  /** Path and query. */
  url: string;
  /** Bytes of the request's body. */
  sent: number;
  status: number;
  /** Bytes of the answer's body. */
  received: number;
}

export interface Proxy {
  address: string;
  /** The answered requests, in order. */
  asked: Asked[];
  /** Called before a request is forwarded; false cuts its connection. */
  pass: (method: string, url: string) => boolean;
  /** Whether a request is answered with 403. */
  refuse: (method: string, url: string) => boolean;
  /** Whether the proxy removes the header `Range` of requests. */
  dropsRanges: boolean;
  /** Changes the body of an answer, but not its length. */
  alter: ((url: string, body: Buffer) => Buffer) | undefined;
}

export async function proxy(registry: string): Promise<Proxy> {
  const [host, port] = registry.split(":") as [string, string];
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "" } = incoming;
    const { range, ...others } = incoming.headers;
    const headers = state.dropsRanges || range === undefined ? others : { ...others, range };
    if (!state.pass(method, url)) {
      incoming.socket.destroy();
      return;
    }
    if (state.refuse(method, url)) {
      outgoing.writeHead(403, { "Content-Type": "application/json" });
      outgoing.end('{"errors":[{"code":"DENIED","message":"the tag is immutable"}]}');
      return;
    }
    let sent = 0;
    const onward = request({ host, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      const { alter } = state;
      if (alter === undefined) answer.pipe(outgoing);
      else void buffer(answer).then((body) => outgoing.end(alter(url, body)));
      let received = 0;
      answer.on("data", (piece: Buffer) => (received += piece.length));
      answer.once("end", () => state.asked.push({ method, url, sent, status: answer.statusCode ?? 0, received }));
    });
    onward.once("error", () => outgoing.destroy());
    incoming.on("data", (piece: Buffer) => (sent += piece.length));
    incoming.once("error", () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    server.close();
    server.closeAllConnections();
  });
  const state: Proxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    pass: () => true,
    refuse: () => false,
    dropsRanges: false,
    alter: undefined,
  };
  return state;
}

/** Digests of completely uploaded blobs. */
export function uploaded({ asked }: Proxy): string[] {
  return asked.flatMap(({ method, url, status }) => {
    const [, digest] = /[?&]digest=([^&]+)/.exec(url) ?? [];
    return method === "PUT" && status === 201 && digest !== undefined ? [decodeURIComponent(digest)] : [];
  });
}
