/** A network in which registries are behind a proxy, and have certificates of a private authority. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ociLayout } from "./base-images.ts";
import { cleanUp, failure, files, folder, IMGC, registry, tool, type Output } from "./tools.ts";

/** A host name that only the proxy resolves. */
const HOST = "images.example.org";

let env: Record<string, string>;
/** The hosts that clients asked the proxy for. */
const connected: string[] = [];
let authority: string;

beforeAll(async () => {
  const at = folder();
  authority = join(at, "authority.pem");
  const openssl = (...args: string[]) => tool("openssl", args);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  await openssl("req", "-x509", ...key, "-subj", "/CN=company", "-keyout", join(at, "ca.key"), "-out", authority);
  const signing = ["req", "-new", ...key.slice(0, -2), "-subj", `/CN=${HOST}`];
  await openssl(...signing, "-keyout", join(at, "host.key"), "-out", join(at, "host.csr"));
  const extensions = files({ extensions: `subjectAltName=DNS:${HOST}\n` }, at);
  const sign = ["x509", "-req", "-days", "2", "-CA", authority, "-CAkey", join(at, "ca.key"), "-CAcreateserial"];
  await openssl(...sign, "-in", join(at, "host.csr"), "-out", join(at, "host.pem"), "-extfile", extensions);

  const [host, port] = (await registry()).split(":");
  const tls = { key: readFileSync(join(at, "host.key")), cert: readFileSync(join(at, "host.pem")) };
  const front = createTlsServer(tls, (incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const onward = request(
      { host, port, method, path, headers: { ...headers, "x-forwarded-proto": "https" } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.once("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  const frontPort = await listen(front);
  const proxy = createServer();
  proxy.on("connect", ({ url = "" }, client, head) => {
    connected.push(url);
    const onward = connect(frontPort, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.write(head);
      client.pipe(onward).pipe(client);
    });
    onward.on("error", () => client.destroy());
    client.on("error", () => onward.destroy());
  });
  env = { https_proxy: `http://127.0.0.1:${await listen(proxy)}`, SSL_CERT_FILE: authority };
});

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const imgc = (...args: string[]): Promise<Output> => tool(process.execPath, [IMGC, ...args], env);

/** Pushes a new base to the registry, and returns a spec on top of it. */
async function specOn(name: string): Promise<string> {
  const layout = ociLayout(folder(), { layers: [{ "srv/id": `${randomUUID()}\n` }] });
  const to = `${HOST}/${name}:1`;
  await tool("skopeo", ["copy", "-q", "--insecure-policy", `oci:${layout}`, `docker://${to}`], env);
  return files({ "api.imgspec": `image "api" { tag "1" base registry "${to}" files { "/a" text "a" } }\n` });
}

test("lock, build, push and verify reach the registry", async () => {
  const spec = await specOn("base");
  await imgc("lock", spec);
  const path = join(folder(), "result");
  const { stderr } = await imgc("build", spec, "-o", path);
  expect(stderr).not.toContain("cannot be reached");
  const { stdout } = await imgc("push", path, `${HOST}/api`);
  await imgc("verify", `${HOST}/api:1`);
  expect(stdout).toMatch(new RegExp(`^${HOST}/api@sha256:[0-9a-f]{64}\n$`));
  expect(new Set(connected)).toEqual(new Set([`${HOST}:443`]));
});

test("plain nix build reaches the registry if its sandbox has the certificate", async () => {
  const spec = await specOn("plain");
  // Only lock, without the build, which would fetch the base.
  await failure(
    tool(process.execPath, [IMGC, "lock", spec], {
      ...env,
      PATH: `${folder()}:${process.env["PATH"]}`,
      NIX_REMOTE: "/proc/nowhere",
    }),
  );
  const expression = files({ "image.nix": (await imgc("compile", spec)).stdout });
  connected.length = 0;
  const build = ["build", "--no-link", "-f", expression, "--option", "extra-sandbox-paths", authority];
  await tool("nix", build, env);
  expect(connected).toContain(`${HOST}:443`);
});
