import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, imgc } from "../e2e/tools.ts";

const NGINX = `
contents:
  repositories: [ https://packages.example.org/os ]
  packages: [ wolfi-baselayout, ca-certificates-bundle, nginx ]
accounts:
  groups: [ { groupname: web, gid: 10000 } ]
  users: [ { username: web, uid: 10000, gid: 10000 } ]
  run-as: web
entrypoint: { command: "/bin/nginx -c /etc/nginx/nginx.conf -g 'daemon off;'" }
work-dir: /srv
stop-signal: SIGQUIT
environment: { WORKERS: 4 }
paths: [ { path: /run/nginx, type: directory, uid: 10000, gid: 10000, permissions: 0o755 } ]
volumes: [ /data ]
archs: [ x86_64 ]
annotations: { org.opencontainers.image.title: shop }
vcs-url: https://git.example.org/shop.git@abc
layering: { strategy: origin, budget: 10 }
`;

test("an imported apko file builds, with the configuration that apko gives the image", async () => {
  const spec = join(files({ "apko.yaml": NGINX }), "../image.imgspec");
  await imgc("import", join(spec, "../apko.yaml"), "-o", spec);
  expect(readFileSync(spec, "utf8").match(/#.*/g)).toEqual(["# Imported from an apko file by `imgc import`."]);
  const { stdout } = await imgc("build", spec, "--json", "--no-link");
  const { images } = JSON.parse(stdout) as { images: { output: string }[] };
  const read = (name: string): unknown => JSON.parse(readFileSync(join(images[0]?.output ?? "", name), "utf8"));
  const annotations = {
    "org.opencontainers.image.title": "shop",
    "org.opencontainers.image.source": "https://git.example.org/shop.git",
    "org.opencontainers.image.revision": "abc",
  };
  expect(read("config.json")).toMatchObject({
    architecture: "amd64",
    config: {
      Entrypoint: ["/bin/nginx", "-c", "/etc/nginx/nginx.conf", "-g", "daemon off;"],
      Env: [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin",
        "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
        "WORKERS=4",
      ],
      Labels: annotations,
      StopSignal: "SIGQUIT",
      // imgc writes the ids of a user of the image.
      User: "10000:10000",
      Volumes: { "/data": {} },
      WorkingDir: "/srv",
    },
  });
  expect(read("manifest.json")).toMatchObject({ annotations });
});
