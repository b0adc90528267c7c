/** Nix inside images: the database of a chain, garbage, and building as root and as an ordinary user, without network. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { build, buildText, failure, files, imgc, loadLayout, podman, tool, verified } from "./tools.ts";

/** A package of one program; the image contains its build inputs. */
const DEMO = `{ text ? "first" }:
derivation {
  name = "demo";
  inherit text;
  system = builtins.currentSystem;
  builder = (builtins.storePath "\${bash}") + "/bin/bash";
  PATH = (builtins.storePath "\${coreutils}") + "/bin";
  args = [ "-c" "mkdir -p $out/bin; cd $out/bin; touch demo; chmod +x demo; echo echo $text > demo" ];
}`;

const CHAIN = `
image "chain/one" {
  packages [ bashInteractive coreutils ]
  nix { settings { substitute "false" } }
  layers { rest }
}
image "chain/two" {
  base image "chain/one"
  packages [ jq ]
  layers { rest }
}
image "chain/three" {
  base image "chain/two"
  files { "/etc/motd" text "read with \${gnused}" }
  config { cmd [ "\${hello}/bin/hello" ] }
  layers { rest }
}
image "chain/four" {
  base image "chain/three"
  packages [ gnugrep ]
  users { ci { uid 1000 gid 1000 } }
  nix { user "ci" }
  files { "/demo.nix" text ''
${DEMO}
  '' }
  layers { rest }
}
`;

const NAMES = ["one", "two", "three", "four"];
let spec: string;
let image: string;

beforeAll(async () => {
  spec = files({ "chain.imgspec": CHAIN });
  image = await loadLayout((await build(spec, { attribute: "four.oci" })).path);
});

const inside = (script: string, ...options: string[]) =>
  podman(image, ["bash", "-ec", script], options).then(({ stdout }) => stdout);

/** The registrations of a database, with hashes in one encoding. */
function registered(file: string): { path: string; references: string[] }[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const paths = db.prepare("SELECT id, path FROM ValidPaths ORDER BY path").all() as { id: number; path: string }[];
  const references = db.prepare(
    "SELECT path FROM Refs JOIN ValidPaths ON id = reference WHERE referrer = ? ORDER BY path",
  );
  return paths.map(({ id, path }) => ({ path, references: references.all(id).map((row) => row["path"] as string) }));
}

describe("the database", () => {
  test("registers exactly the paths of all images of a chain, also of images without Nix settings", async () => {
    const sizes: number[] = [];
    for (const name of NAMES) {
      const { path } = await build(spec, { attribute: name });
      await verified(path);
      const database = await build(spec, { attribute: `${name}.database` });
      const { closure } = readImageDirectory(path).file;
      const claimed = closure.map((each) => ({ path: each.path, references: each.references.toSorted() }));
      expect(registered(join(database.path, "db.sqlite"))).toEqual(claimed);
      sizes.push(closure.length);
    }
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(new Set(sizes).size).toBe(4);
  });

  test("can be made with a function, for other tools' stores", async () => {
    const expression = "with import <nixpkgs> { }; (import ./nix { }).database [ hello jq ]";
    const made = (await tool("nix-build", ["--no-out-link", "-E", expression])).stdout.trim();
    const paths = (await tool("nix-build", ["<nixpkgs>", "--no-out-link", "-A", "hello", "-A", "jq"])).stdout;
    const closure = (await tool("nix-store", ["-qR", ...paths.trim().split("\n")])).stdout.trim().split("\n");
    expect(registered(join(made, "db.sqlite")).map((each) => each.path)).toEqual(closure.toSorted());
    expect(readFileSync(join(made, "schema"), "utf8")).toBe("10");
  });

  test("is reproducible byte by byte", async () => {
    const { stdout } = await imgc("compile", spec);
    await tool("nix", ["build", "-f", files({ "image.nix": stdout }), "four.database", "--no-link", "--rebuild"]);
  });

  test("contains the paths of the image's store, as Nix verifies", async () => {
    const [, store, known] = (
      await inside("nix-store --verify --check-contents 2>&1; echo @; ls /nix/store; echo @; nix-store --dump-db")
    ).split("@\n") as [string, string, string];
    const names = store.trim().split("\n");
    const paths = [...known.matchAll(/^\/nix\/store\/(\S+)\n[0-9a-f]{64}$/gm)].map((match) => match[1] ?? "");
    expect(paths.toSorted()).toEqual(names.toSorted());
    expect(await inside("nix-store -q --references /bin/bash")).toContain("-glibc-");
    expect(await inside("nix-store -qR $(readlink -f /bin/nix-store); readlink $(readlink /bin/nix-daemon)")).toMatch(
      /-libseccomp2?-[^]*\nnix\n$/,
    );
    expect(await inside("stat -c '%a %U' /nix /nix/store /nix/var/nix/db/db.sqlite /tmp")).toBe(
      "755 ci\n755 ci\n644 ci\n1777 root\n",
    );
    // Includes paths that only the config or a file names.
    expect(names.filter((name) => /-(hello|gnused)-/.test(name))).toHaveLength(2);
  });
});

test("garbage collection deletes paths built inside, and none of the image", async () => {
  const command = (await tool("podman", ["inspect", "--format", "{{index .Config.Cmd 0}}", image])).stdout.trim();
  const [before, garbage, after, said] = (
    await inside(`
      ls /nix/store; echo @
      nix-build --no-out-link /demo.nix; nix-collect-garbage -d > /dev/null; echo @
      ls /nix/store; echo @
      ${command}; jq --version; nix-store --verify --check-contents
    `)
  ).split("@\n") as [string, string, string, string];
  expect(garbage).toMatch(/-demo\n$/);
  expect(after).toBe(before);
  expect(said).toMatch(/^Hello, world!\njq-/);
});

test("the store's owner can collect the image's paths once no GC root keeps them", async () => {
  const script = "rm /nix/var/nix/gcroots/image/*-gnugrep-*; nix-collect-garbage > /dev/null; ls /nix/store";
  expect(await inside(script)).not.toContain("-gnugrep-");
});

// The store is ci's; root can build in it all the same.
test.each(["ci", "root"])("%s builds, installs and enters a shell without options or network", async (user) => {
  const said = await inside(
    `
    cd; test "$(id -un)" = ${user}
    nix-build /demo.nix; result/bin/demo
    nix-env -i -f /demo.nix; nix-env -q; demo
    nix-shell /demo.nix --run 'echo in the shell of $name'
    nix build -f /demo.nix --argstr text second; result/bin/demo
    nix-env -e demo
    nix profile install ./result; nix profile list; demo
    nix-store --verify --check-contents
    `,
    "--user",
    user,
  );
  expect(said.split("\n")).toEqual([
    expect.stringMatching(/-demo$/),
    "first",
    "demo",
    "first",
    "in the shell of demo",
    "second",
    expect.stringMatching(/-demo$/),
    "second",
    "",
  ]);
});

test("`reuse` changes neither the image nor its database, also with derivations or a base", async () => {
  const text = (grain: string) => `
    image "grain/base" {
      packages [ bash coreutils ]
      nix { buildable [ tinycc ] }
      layers { rest }
      cache { reuse ${grain} }
    }
    image "grain/top" {
      base image "grain/base"
      packages [ jq ]
      layers { layer "c" [ glibc ] rest }
      cache { reuse ${grain} }
    }`;
  const built = await Promise.all(
    ["layer", "group", "image"].map((grain) => buildText(text(grain), { attribute: "top" })),
  );
  const [first, ...others] = await Promise.all(built.map(async ({ path }) => (await verified(path)).digests));
  expect(others).toEqual([first, first]);
});

test("with default settings, Nix builds what no cache has", async () => {
  const { path } = await buildText(
    `image "inside/default" {
      packages [ coreutils ]
      nix { }
      files { "/demo.nix" text ''
${DEMO}
      '' }
      layers { rest }
    }`,
    { attribute: "oci" },
  );
  const { stdout } = await podman(await loadLayout(path), ["nix-build", "--no-out-link", "/demo.nix"]);
  expect(stdout).toMatch(/-demo\n$/);
});

test("a building user must have a home folder", async () => {
  const text = `
    image "home/base" { users { ci { uid 1000 gid 1000 } } }
    image "home/top" { base image "home/base" nix { user "ci" } }`;
  const { stderr } = await failure(buildText(text, { attribute: "top" }));
  expect(stderr).toContain(
    "imgc: nix user: the user ci has no home folder in the base: declare ci with a `home` in `users`",
  );
});
