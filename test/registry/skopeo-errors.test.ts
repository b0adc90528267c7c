import { expect, test } from "vitest";
import { explain } from "../../src/registry/skopeo-errors.ts";

const PLACE = "images.example.org/shop/api:v1";

test.each([
  ["Error reading x: dial tcp: lookup images.example.org: no such host", "cannot resolve the host images.example.org"],
  ["dial tcp 192.0.2.1:443: connect: connection refused", "nothing listens at images.example.org"],
  [
    "http: server gave HTTP response to HTTPS client",
    "images.example.org speaks plain HTTP; allow that with --insecure",
  ],
  ["x509: certificate signed by unknown authority", "/etc/containers/certs.d/images.example.org/ca.crt"],
  ["unauthorized: authentication required", "`skopeo login images.example.org`"],
  ["requested access to the resource is denied", "the login has no write permission"],
  ["received unexpected HTTP status: 503 Service Unavailable", "images.example.org failed"],
  ["pinging container registry images.example.org: too many requests to registry", "has reached its limit of requests"],
  ["dial tcp: address 99999: invalid port", "write a port from 1 to 65535"],
  [
    'Get "http://images.example.org/v2/": failed to parse Location header "http://[::": missing \']\' in host',
    "names no usable address",
  ],
  ['Get "file:///etc/passwd": unsupported protocol scheme "file"', "names no usable address"],
  ["missing realm in bearer auth challenge", "names no usable address"],
  [
    "pinging container registry images.example.org: invalid status code from registry 418 (I'm a teapot)",
    "is it a registry?",
  ],
  ["initializing image from source: unexpected end of JSON input", "text that is not JSON"],
  ['Patch "https://images.example.org/v2/": EOF', "the connection to images.example.org broke"],
])("%s", (text, explanation) => {
  const { message } = explain(PLACE, `skopeo: writing blob: ${text}`);
  expect(message).toContain(explanation);
  expect(message).toContain(text);
});

test.each([
  "EOF",
  "readfrom tcp 127.0.0.1:55810->127.0.0.1:5000: write tcp 127.0.0.1:55810->127.0.0.1:5000: use of closed network connection",
  "write tcp 127.0.0.1:55810->127.0.0.1:5000: write: broken pipe",
  "read tcp 127.0.0.1:55810->127.0.0.1:5000: read: connection reset by peer",
  "http: server closed idle connection",
  "dial tcp 192.0.2.1:443: connect: network is unreachable",
  "http2: server sent GOAWAY and closed the connection",
])("a broken connection is retried: %s", (reason) => {
  const text = `skopeo: writing blob: Patch "https://images.example.org/v2/shop/api/blobs/uploads/1": ${reason}`;
  const { message, isTransient } = explain(PLACE, text);
  expect(message).toContain("the connection to images.example.org broke");
  expect(isTransient).toBe(true);
});

test("unknown messages become one line, without the digest of a blob", () => {
  const text = `skopeo: trying to reuse blob sha256:${"0".repeat(64)} at destination: open /x: permission denied\n\t* twice\n\n`;
  expect(explain(PLACE, text).message).toBe(`${PLACE}: skopeo: open /x: permission denied * twice`);
});

test("a name without a host is on docker.io", () => {
  expect(explain("shop/api:v1", "unauthorized").message).toContain("`skopeo login docker.io`");
});
