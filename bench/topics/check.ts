/** Time of a cold `imgc check` (shipped bundle), compared with an empty Node.js program. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, parse } from "../../src/language/index.ts";
import { fastest, ratio, type Section } from "../section.ts";

const IMGC = join(import.meta.dirname, "../../bin/imgc.mjs");
const RUNS = 15;

/** An image of 30 lines with many kinds of settings. */
const image = (name: string): string => `image "registry.example.org/shop/${name}" {
  tag "v1"
  packages [ python3 python3Packages.gunicorn ]

  files {
    "/etc/motd"    text "Welcome to \${python3}\\n" { mode 0644 }
    "/bin/api"     link "\${python3Packages.gunicorn}/bin/gunicorn"
    "/var/lib/api" directory { mode 0750 owner 1000:1000 }
  }

  config {
    entrypoint [ "/bin/api" "app:api" ]
    env { PYTHONPATH "/app" LANG "C.UTF-8" }
    user "api"
    workdir "/app"
    expose [ 8080/tcp ]
  }

  users { api { uid 1000 gid 1000 home "/var/lib/api" } }

  layers {
    max 80
    layer "runtime" [ glibc openssl zlib ]
    group 10
    auto
  }
  expect {
    size <= 250MiB
  }
}
`;

export const section: Section = {
  title: "Checking a description",
  about:
    "A cold start of the shipped program with a warm compile cache, as a multiple of `node -e 0`. The last two " +
    "rows measure the work on 100,000 lines alone, in one process that has not seen the text before.",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "imgc-bench-"));
    try {
      const [small, large] = [join(folder, "small.imgspec"), join(folder, "large.imgspec")];
      const text = Array.from({ length: Math.ceil(100_000 / 30) }, (_, index) => image(`api-${index}`)).join("");
      writeFileSync(small, image("api"));
      writeFileSync(large, text);
      const node = (...args: string[]) => execFileSync(process.execPath, args, { stdio: "ignore" });
      const bare = await fastest(RUNS, () => node("-e", "0"));
      const cold = async (runs: number, ...args: string[]) => await fastest(runs, () => node(IMGC, ...args));
      const source = { path: large, text };
      const host = { read: () => undefined, exists: () => true };
      const parsing = await fastest(1, () => parse(source));
      const whole = await fastest(1, () => check(source, host));
      const row = (what: string, time: number) => ({ what, "× `node -e 0`": ratio(time, bare) });
      return [
        row("`imgc --version`", await cold(RUNS, "--version")),
        row("`imgc check`, 30 lines", await cold(RUNS, "check", small)),
        row("`imgc check`, 100,000 lines", await cold(5, "check", large)),
        row("parse, 100,000 lines", parsing),
        row("parse and check, 100,000 lines", whole),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
