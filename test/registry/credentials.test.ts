import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { credentialsFor } from "../../src/registry/credentials.ts";
import { folder } from "../e2e/tools.ts";

const basic = (text: string) => Buffer.from(text).toString("base64");

function home(files: Record<string, object>) {
  const path = folder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), JSON.stringify(content));
  }
  return { path, find: (name: string, env = {}) => credentialsFor(name, { HOME: path, ...env }) };
}

test("credentials are found by the longest prefix, in the files of skopeo and docker", async () => {
  const { path, find } = home({
    ".config/containers/auth.json": {
      auths: { "a.example": { auth: "YQ==" }, "a.example/team": { auth: "dGVhbQ==" } },
    },
    ".docker/config.json": { auths: { "b.example": { auth: "Yg==" }, "a.example": { auth: "no" }, "c.example": {} } },
  });
  expect(await find("a.example/team/app")).toBe("dGVhbQ==");
  expect(await find("a.example/other")).toBe("YQ==");
  expect(await find("b.example/x")).toBe("Yg==");
  expect(await find("c.example/x")).toBeUndefined();
  expect(await find("b.example/x", { REGISTRY_AUTH_FILE: join(path, "none.json") })).toBeUndefined();
});

test("docker's keys may have a scheme and the path of the API; Docker Hub has a key of its own", async () => {
  const auths = {
    "https://index.docker.io/v1/": { auth: "aHVi" },
    "https://a.example/v2/": { auth: "YQ==" },
    "http://b.example:5000": { auth: "Yg==" },
  };
  const { find } = home({ ".docker/config.json": { auths } });
  expect(await find("docker.io/library/debian")).toBe("aHVi");
  expect(await find("a.example/x")).toBe("YQ==");
  expect(await find("b.example:5000/x/y")).toBe("Yg==");
});

test("a credential helper is asked for the host; a token instead of a password does not count", async () => {
  const { path, find } = home({
    ".docker/config.json": {
      credHelpers: { "a.example": "test", "docker.io": "test", "b.example": "missing", "c.example": "test" },
      auths: { "b.example": { auth: "Yg==" } },
    },
  });
  const helper = join(path, "docker-credential-test");
  const script = `read host; case "$host" in c.example) user='<token>' ;; *) user="$1" ;; esac
    printf '{"ServerURL":"x","Username":"%s","Secret":"%s"}' "$user" "$host"`;
  writeFileSync(helper, `#!/bin/sh\n${script}\n`);
  chmodSync(helper, 0o755);
  const env = { PATH: `${path}:${process.env["PATH"]}` };
  expect(await find("a.example/x", env)).toBe(basic("get:a.example"));
  expect(await find("docker.io/library/debian", env)).toBe(basic("get:https://index.docker.io/v1/"));
  expect(await find("b.example/x", env)).toBe("Yg==");
  expect(await find("c.example/x", env)).toBeUndefined();
});
