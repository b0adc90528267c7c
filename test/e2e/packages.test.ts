import { expect, test } from "vitest";
import { buildText, loadLayout, podman } from "./tools.ts";

/** What each program says of itself, run in a container that has nothing but the package set. */
const PROGRAMS: Record<string, [command: string, says: RegExp]> = {
  bashInteractive: ["bash --version", /GNU bash/],
  coreutils: ["ls --version", /coreutils/],
  findutils: ["find --version", /findutils/],
  gnugrep: ["grep --version", /GNU grep/],
  gnused: ["sed --version", /GNU sed/],
  gnutar: ["tar --version", /GNU tar/],
  gzip: ["gzip --version", /gzip/],
  hello: ["hello --version", /GNU Hello/],
  openssl: ["openssl version", /OpenSSL 3/],
  curl: ["curl --version", /libcurl/],
  jq: ["jq --version", /jq-/],
  git: ["git --version", /git version/],
  nginx: ["nginx -v 2>&1", /nginx version/],
  sqlite: ["sqlite3 :memory: 'select 6 * 7'", /^42$/m],
  perl: ["perl -MData::Dumper -e 'print qq(perl $]\\n)'", /perl 5/],
  "nix ''python3.withPackages (p: [ p.flask p.gunicorn ])''": [
    'python3 -c "import flask, ssl, sqlite3; print(flask.__name__)"',
    /^flask$/m,
  ],
  nodejs: ["node --version", /^v24/m],
  nix: ["nix --version", /nix \(Nix\)/],
  tinycc: ["echo 'int main() { return 42; }' > /tmp/a.c; tcc -run /tmp/a.c; echo $?", /^42$/m],
};

test("every program of the package set runs with nothing of the host", async () => {
  const packages = ["bash", "readline", "glibc", "zlib", "cacert", "tzdata", "busybox", ...Object.keys(PROGRAMS)];
  const { path } = await buildText(
    `image "test/packages" {
      provide [ sh tmp ]
      compression none
      store [ ${packages.join(" ")} ]
      files { "/run.sh" text ''
        ${Object.entries(PROGRAMS)
          .map(([name, [command]], i) => {
            const bin = name.startsWith("nix ''") ? "${$python}" : `\${${name}}`;
            return `echo "== ${i}"; PATH=${bin}/bin:\${coreutils}/bin; ${command}`;
          })
          .join("\n        ")}
      '' }
      config { cmd [ "/bin/sh" "/run.sh" ] }
    }`.replace(/^/, "let python = nix ''python3.withPackages (p: [ p.flask p.gunicorn ])''\n"),
    { attribute: "oci" },
  );
  const { stdout } = await podman(await loadLayout(path));
  const said = stdout.split(/^== \d+\n/m).slice(1);
  for (const [i, [name, [, says]]] of Object.entries(PROGRAMS).entries()) expect(said[i], name).toMatch(says);
});
