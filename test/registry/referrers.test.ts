import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { encode } from "../../src/oci/documents.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { referrersOf, referrersTag } from "../../src/registry/referrers.ts";
import { cleanUp, files } from "../e2e/tools.ts";
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

test.each(["basic", "bearer"])("the API is asked with the user's credentials: %s", async (kind) => {
  fakeSkopeo();
  const basic = `Basic ${Buffer.from("me:secret").toString("base64")}`;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
    const given = request.headers.authorization;
    if (pathname === "/token") {
      const isRight = given === basic && searchParams.get("scope") === "repository:shop/api:pull";
      response.writeHead(isRight ? 200 : 401).end('{ "token": "t" }');
    } else if (given === (kind === "basic" ? basic : "Bearer t")) response.end(JSON.stringify(index("a")));
    else {
      const realm = `Bearer realm="http://${request.headers.host}/token",scope="repository:shop/api:pull"`;
      response.writeHead(401, { "WWW-Authenticate": kind === "basic" ? 'Basic realm="r"' : realm }).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const listWith = async (password: string) => {
    const auth = Buffer.from(`me:${password}`).toString("base64");
    vi.stubEnv("REGISTRY_AUTH_FILE", files({ "auth.json": JSON.stringify({ auths: { [host]: { auth } } }) }));
    try {
      return await list(`${host}/shop/api`);
    } finally {
      vi.unstubAllEnvs();
    }
  };
  expect(await listWith("secret")).toEqual(["a"]);
  expect(await listWith("wrong")).toEqual([]);
});

test("an answer that is no index is an error", async () => {
  fakeSkopeo();
  await expect(list(await registry(200, "<html>"))).rejects.toThrow(`the referrers of ${digest} is not JSON`);
});
