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
  packages: [ wolfi-baselayout, ca-certificates-bundle, nginx, "curl=~8", obscure-tool ]
accounts:
  groups:
    - { groupname: web, gid: 65532 }
    - { groupname: logs, gid: 700, members: [ web ] }
  users:
    - { username: web, uid: 65532, gid: 65532, shell: /bin/sh }
  run-as: 65532
entrypoint: { command: /usr/sbin/nginx -c "/etc/nginx/my site.conf" }
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
archs: [ x86_64, aarch64, sparc ]
volumes: [ /data ]
annotations: { "org.opencontainers.image.title": shop }
layering: { strategy: origin, budget: 10 }
`);
  expect(text).toMatchInlineSnapshot(`
    "# Imported from an apko file by \`imgc import\`.

    image "shop" {
      # package obscure-tool: look it up with \`nix search nixpkgs obscure-tool\`, and add it to packages

      # path /dev/x: imgc has no entry of the type hardlink

      # the architecture sparc is unknown

      platforms [ linux/amd64 linux/arm64 ]

      packages [ nginx curl ]

      provide [ sh tmp users certificates ]

      files {
        "/var/log/nginx"  directory { mode 0755 owner 65532:65532 }
        "/run/nginx.pid"  text "" { mode 0644 }
        "/etc/nginx/mime" link "/usr/share/mime"
      }

      users {
        web { uid 65532 gid 65532 shell "/bin/sh" groups [ "logs" ] }
      }

      groups {
        logs { gid 700 }
      }

      permissions {
        "/etc/nginx"    { mode 0750 }
        "/etc/nginx/**" { mode 0750 }
      }

      config {
        entrypoint [ "/usr/sbin/nginx" "-c" "/etc/nginx/my site.conf" ]
        cmd [ "-g" "daemon off;" ]
        env {
          PATH "/usr/sbin:/usr/bin"
          WORKERS "4"
          VERSION "1.10"
        }
        user "web"
        workdir "/srv"
        volumes [ "/data" ]
        stop-signal "SIGQUIT"
      }

      annotations {
        "org.opencontainers.image.title" "shop"
      }

      layers {
        max 10
      }
    }
    "
  `);
});

test("a fragment for the shell is run by /bin/sh, and an include is a comment", async () => {
  const text = await imported("include: base.yaml\nentrypoint: { type: service-bundle, shell-fragment: 'a && b' }\n");
  expect(text).toContain('entrypoint [ "/bin/sh" "-c" "a && b" ]');
  expect(text).toContain("# include base.yaml");
  expect(text).toMatch(/# apko's service bundle/);
});

test.each([
  ["a: [", /^not YAML: /],
  ["a: 1", /^not an apko file: none of apko's fields/],
  ["contents: { packages: 1 }", /^not an apko file: contents\.packages: /],
  ["", /^not an apko file/],
])("%j is refused", (text, message) => {
  expect(() => importApko(text, "shop")).toThrow(message);
});
