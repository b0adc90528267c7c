import { expect, test } from "vitest";
import { format } from "../../src/format/format.ts";
import { importApko } from "../../src/import/apko.ts";
import { specText } from "../../src/import/spec-text.ts";
import { check } from "../../src/language/index.ts";

async function imported(text: string): Promise<string> {
  const path = "/shop/image.imgspec";
  const source = await format({ path, text: specText(importApko(text, "shop")) });
  const { diagnostics } = check({ path, text: source.text }, { read: () => undefined, exists: () => true });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return source.text;
}

test("packages, accounts, paths and configuration have their settings", async () => {
  const text = await imported(`
contents:
  keyring: [ https://packages.example.org/key.rsa.pub ]
  repositories: [ https://packages.example.org/os ]
  runtime_keyring: [ { name: a, content: b } ]
  baseimage: { image: ./base }
  packages: [ wolfi-baselayout, "!busybox", ca-certificates-bundle, nginx, "curl=~8", obscure-tool ]
accounts:
  groups:
    - { groupname: web, gid: 65532 }
    - { groupname: logs, gid: 700, members: [ web ] }
  users:
    - { username: web, uid: 65532, gid: 65532, shell: /bin/sh }
  run-as: 65532
entrypoint: { command: '/usr/sbin/nginx -c "/etc/nginx/my site.conf" --x=''a b'' c\\ d "e\\"$f"' }
cmd: -g 'daemon off;'
work-dir: /srv
stop-signal: SIGQUIT
environment: { PATH: /usr/sbin:/usr/bin, WORKERS: 4, VERSION: 1.10 }
paths:
  - { path: /var/log/nginx, type: directory, uid: 65532, gid: 65532, permissions: 0o755 }
  - { path: /run/nginx.pid, type: empty-file, permissions: 0644 }
  - { path: /etc/nginx/mime, type: symlink, source: /usr/share/mime }
  - { path: /etc/nginx, type: permissions, permissions: 0o750, recursive: true }
  - { path: /dev/x, type: hardlink, source: /dev/y }
  - { path: /srv/data, type: directory, gid: 700, permissions: 493, recursive: true }
  - { path: /srv/pipe, type: fifo }
archs: [ x86_64, aarch64, sparc ]
volumes: [ /data ]
annotations: { "org.opencontainers.image.title": shop }
layering: { strategy: origin, budget: 10 }
vcs-url: https://git.example.org/shop.git@abc
certificates: { additional: [ { name: own.pem, content: PEM } ], providers: [ openssl ] }
format: erofs
extra: 1
`);
  expect(text).toMatchInlineSnapshot(`
    "# Imported from an apko file by \`imgc import\`.

    image "shop" {
      # baseimage ./base: name the folder with base layout ./…

      # package obscure-tool: look it up with \`nix search nixpkgs obscure-tool\`, and add it to packages

      # path /dev/x: imgc makes no hard links; a symbolic link is "/dev/x" link "/dev/y"

      # path /srv/pipe: imgc has no entry of the type fifo

      # entrypoint /usr/sbin/nginx: packages of Nix have their programs in /bin

      # certificates: apko also adds own.pem to the bundle; with imgc, use an overlay of cacert

      # certificates: provider openssl has no setting

      # contents.runtime_keyring has no setting

      # extra has no setting

      # format erofs: imgc writes tar layers

      # the architecture sparc is unknown

      platforms [ linux/amd64 linux/arm64 ]

      packages [ nginx curl ]

      provide [ sh tmp users certificates ]

      files {
        "/var/log/nginx"         directory { mode 0755 owner 65532:65532 }
        "/run/nginx.pid"         text "" { mode 0644 }
        "/etc/nginx/mime"        link "/usr/share/mime"
        "/srv/data"              directory { mode 0755 owner 0:700 }
        "/etc/ssl/certs/own.pem" text "PEM"
      }

      users {
        web { uid 65532 gid 65532 home "/home/web" shell "/bin/sh" groups [ "logs" ] }
      }

      groups {
        logs { gid 700 }
      }

      permissions {
        "/etc/nginx"    { mode 0750 }
        "/etc/nginx/**" { mode 0750 }
        "/srv/data/**"  { mode 0755 owner 0:700 }
      }

      config {
        entrypoint [ "/usr/sbin/nginx" "-c" "/etc/nginx/my site.conf" "--x=a b" "c d" "e\\"\\$f" ]
        cmd [ "-g" "daemon off;" ]
        env {
          PATH "/usr/sbin:/usr/bin"
          SSL_CERT_FILE "/etc/ssl/certs/ca-certificates.crt"
          WORKERS "4"
          VERSION "1.10"
        }
        user "web"
        workdir "/srv"
        volumes [ "/data" ]
        labels {
          "org.opencontainers.image.title"    "shop"
          "org.opencontainers.image.source"   "https://git.example.org/shop.git"
          "org.opencontainers.image.revision" "abc"
        }
        stop-signal "SIGQUIT"
      }

      annotations {
        "org.opencontainers.image.title"    "shop"
        "org.opencontainers.image.source"   "https://git.example.org/shop.git"
        "org.opencontainers.image.revision" "abc"
      }

      layers {
        max 10
      }
    }
    "
  `);
});

test("a fragment for the shell is run by /bin/sh, and an include is a comment", async () => {
  const text = await imported(
    "include: base.yaml\nentrypoint: { type: service-bundle, services: { web: /bin/nginx -g x }, shell-fragment: 'a && b' }\n",
  );
  expect(text).toContain('entrypoint [ "/bin/sh" "-c" "a && b" ]');
  expect(text).toContain("# include base.yaml");
  expect(text).toMatch(/# apko's service bundle.*\n *# service web: \/bin\/nginx -g x/);
});

test.each([
  ["a: [", /^not YAML: /],
  ["a: 1", /^not an apko file: none of apko's fields/],
  ["contents: { packages: 1 }", /^not an apko file: contents\.packages: /],
  ["", /^not an apko file: the file has no fields$/],
  ["[ a ]", /^not an apko file: none of apko's fields/],
  ["services: { web: { image: nginx } }", /looks like a Compose file; import the Dockerfile that a service builds$/],
])("%j is refused", (text, message) => {
  expect(() => importApko(text, "shop")).toThrow(message);
});
