import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { fetch } from "../../../src/builder/actions/fetch.ts";
import { sha256 } from "../../../src/oci/digest.ts";
import { TestStore } from "./test-store.ts";

const BYTES = Buffer.from("layer");

/** A registry that has one blob. */
async function registry(): Promise<string> {
  const server = createServer(({ url = "" }, response) => {
    const isFound = url === `/v2/a/b/blobs/${sha256(BYTES)}`;
    response.writeHead(isFound ? 200 : 404).end(isFound ? BYTES : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => server.close().closeAllConnections());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeEach(() => {
  // Variables of proxies and authorities would start the action again in a process of its own.
  vi.stubEnv("IMGC_FETCH", "1");
});

test("a blob is written to the output, and a missing one is an error at the base's place", async () => {
  const store = new TestStore();
  const reference = `${await registry()}/a/b:1`;
  const { out } = await store.build("blob", fetch, { reference, kind: "blobs", digest: sha256(BYTES) });
  expect(readFileSync(out)).toEqual(BYTES);
  const missing = store.build("missing", fetch, { reference, kind: "blobs", digest: sha256("other") });
  await expect(missing).rejects.toMatchObject({
    findings: [{ at: ["base", reference], message: expect.stringContaining(`lacks ${sha256("other")}`) as string }],
  });
});

test("an argument of another type is named", async () => {
  const store = new TestStore();
  const wrong = store.build("wrong", fetch, { reference: "a/b", kind: "tags", digest: "" });
  await expect(wrong).rejects.toThrow("the argument kind is invalid");
});
