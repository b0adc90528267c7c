/** The assertions of nix2container's tests, for images of imgc. README.md in this folder lists them. */
import { beforeAll, expect, test } from "vitest";
import { files } from "../tools.ts";
import { Images } from "./images.ts";

const SPEC = `
let talk = nix ''writeText "talk" "''\${hello}/bin/hello; echo I am dying"''

image "peers/talk" {
  created "2024-05-13T09:31:10Z"
  author "test author"
  config { entrypoint [ "\${bash}/bin/bash" "\${$talk}" ] }
  layers { layer "tools" [ bash hello ] { comment "test comment" } }
}

image "peers/linked" {
  packages [ bashInteractive coreutils ]
  files {
    "/tmp" directory { mode 0777 }
    "/data/one.txt" text ""
    "/data/two.txt" text ""
    "/data/three.txt" text ""
  }
  permissions { "/data/one.txt" { owner 1001:1001 } "/data/two.txt" { mode 0777 } }
}

image "peers/three" { config { entrypoint [ "\${hello}/bin/hello" ] } layers { max 3 } }

# Two layers name the same package, and one of them is inside of another.
image "peers/nested" {
  config { entrypoint [ "\${bash}/bin/bash" "-c" "\${hello}/bin/hello" ] }
  layers { layer "lib" only [ ncurses ] layer "shell" [ bash ncurses ] { layer "inner" only [ ncurses ] rest } rest }
}

image "peers/database" {
  base image "peers/three"
  packages [ coreutils bash ]
  users { user { uid 1000 gid 1000 home "/home/user" } }
  nix { user "user" settings { substitute "false" } }
  config { entrypoint [ ] user "user" workdir "/home/user" }
}
`;

const images = new Images();
beforeAll(() => images.build(files({ "peer.imgspec": SPEC }), "talk linked three nested database".split(" ")));

const shell = (image: string, script: string) => images.run(image, ["bash", "-ec", script]);

test("a script that names programs by store path runs", async () => {
  expect(await images.run("talk")).toBe("Hello, world!\nI am dying\n");
});

test("the date, the author and a layer's comment are in the config", () => {
  const { created, author, history } = images.config("talk");
  expect([created, author]).toEqual(["2024-05-13T09:31:10Z", "test author"]);
  expect(history.map(({ comment }) => comment)).toContain("test comment");
});

test("packages are linked at the root, and rules change only matching files", async () => {
  const script = `bash --version | head -1
    stat -c '%A %n' /bin /tmp /nix /nix/store
    stat -c '%A %u %g %y %n' /data/*`;
  expect((await shell("linked", script)).trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^GNU bash, version/),
    "drwxr-xr-x /bin",
    "drwxrwxrwx /tmp",
    "drwxr-xr-x /nix",
    "drwxr-xr-x /nix/store",
    "-rw-r--r-- 1001 1001 1970-01-01 00:00:01.000000000 +0000 /data/one.txt",
    "-rw-r--r-- 0 0 1970-01-01 00:00:01.000000000 +0000 /data/three.txt",
    "-rwxrwxrwx 0 0 1970-01-01 00:00:01.000000000 +0000 /data/two.txt",
  ]);
});

test("an image with few layers runs, also if layers name a package twice", async () => {
  expect(images.layers("three").length).toBeLessThanOrEqual(3);
  expect(await images.run("three")).toBe("Hello, world!\n");
  expect(await images.run("nested")).toBe("Hello, world!\n");
  // No store path is in two layers, so that none is left for the second layer of this name.
  const named = images.config("nested").history.map(({ created_by: by }) => by ?? "");
  expect(named.filter((by) => by.includes("lib"))).toHaveLength(1);
  expect(named.filter((by) => by.includes("inner"))).toEqual([]);
});

test("Nix knows the paths of all layers, and the store's owner can use Nix", async () => {
  const script = `id -un; stat -c %U /nix/store /nix/var/nix/db
    for each in /nix/store/*-nix-2* /nix/store/*-hello-*; do
      case "$(nix-store -qR $each)" in *"$each"*) echo known;; esac
    done
    nix-store --add /proc/version > /dev/null && echo added`;
  expect((await shell("database", script)).trimEnd().split("\n")).toEqual([
    "user",
    "user",
    "user",
    "known",
    "known",
    "added",
  ]);
});
