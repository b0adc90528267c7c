import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { encode } from "../../src/oci/documents.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { referrersOf, referrersTag } from "../../src/registry/referrers.ts";
import { cleanUp } from "../e2e/tools.ts";
import { fakeSkopeo } from "../fake-skopeo.ts";

const digest = `sha256:${"0".repeat(64)}`;
const entry = (letter: string) => ({
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  digest: `sha256:${letter.repeat(64)}`,
  size: 2,
  artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
});
const index = (...letters: string[]) => ({ schemaVersion: 2, manifests: letters.map(entry) });

/** A registry that answers requests for referrers, and nothing else. */
async function registry(status: number, body: string): Promise<string> {
  const server = createServer((request, response) => {
    const isReferrers = request.url === `/v2/shop/api/referrers/${digest}`;
    response.writeHead(isReferrers ? status : 500).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}/shop/api`;
}

const list = async (name: string) =>
  (await referrersOf(parseReference(`${name}@${digest}`), digest, { insecure: true })).map((each) => each.digest[7]);

test("lists the referrers of the API and of the tag, each once", async () => {
  const skopeo = fakeSkopeo();
  const name = await registry(200, JSON.stringify(index("a", "b")));
  expect(await list(name)).toEqual(["a", "b"]);
  skopeo.tag(`${name}:${referrersTag(digest)}`, encode(index("b", "c")));
  expect(await list(name)).toEqual(["a", "b", "c"]);
});

test.each([
  ["without the API", 404, ""],
  ["that requires a login for the API", 401, ""],
  ["that fails", 500, ""],
])("of a registry %s, lists the referrers of the tag", async (_, status, body) => {
  const skopeo = fakeSkopeo();
  const name = await registry(status, body);
  skopeo.tag(`${name}:${referrersTag(digest)}`, encode(index("c")));
  expect(await list(name)).toEqual(["c"]);
});

test("an answer that is no index is an error", async () => {
  fakeSkopeo();
  await expect(list(await registry(200, "<html>"))).rejects.toThrow(`the referrers of ${digest} is not JSON`);
});
