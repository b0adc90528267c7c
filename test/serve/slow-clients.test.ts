import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { startRegistry } from "../../src/serve/server.ts";

const HEAD = "GET /v2/ HTTP/1.1\r\nHost: localhost\r\n";

/** Each client's first bytes, and the bytes that it repeats after so many milliseconds. */
const CLIENTS: [who: string, first: string, more: string, every: number][] = [
  ["says nothing", "", "", 0],
  ["sends half a line and then nothing", "GET /v2/ HT", "", 0],
  ["sends half a head and then nothing", `${HEAD}Accept: a`, "", 0],
  ["trickles a header", `${HEAD}X-Slow: `, "a", 20],
  ["trickles headers", HEAD, "A: b\r\n", 20],
  ["was answered before", `${HEAD}\r\n${HEAD}X-Slow: `, "a", 20],
  ["trickles a body", `${HEAD}Content-Length: 100000\r\n\r\n`, "a", 20],
  ["trickles pieces of a body", `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, "1\r\na\r\n", 20],
];

test("unfinished requests are closed, and others are served meanwhile", async () => {
  const pool = new LayerPool();
  const source = { repositories: () => new Map() };
  const registry = await startRegistry(source, pool, { headTime: 150 });
  try {
    const [host, port] = registry.address.split(":") as [string, string];
    let gone = 0;
    const clients = CLIENTS.map(async ([, first, more, every]) => {
      // A client that writes to a closed connection gets a reset, which `once` of Node's events would throw.
      const socket = connect(Number(port), host).on("error", () => {});
      const closed = new Promise((resolve) => socket.resume().once("close", resolve));
      socket.write(first);
      const talk = every === 0 ? undefined : setInterval(() => socket.write(more), every);
      await closed;
      clearInterval(talk);
      gone += 1;
    });
    let served = 0;
    while (gone < CLIENTS.length) {
      const answer = await fetch(`http://${registry.address}/v2/`);
      if (answer.status === 200 && gone < CLIENTS.length) served += 1;
      await sleep(5);
    }
    await Promise.all(clients);
    expect(served).toBeGreaterThan(0);
  } finally {
    await registry[Symbol.asyncDispose]();
    await pool[Symbol.asyncDispose]();
  }
});
