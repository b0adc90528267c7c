/** A tiny image with many kinds of content, and the checks that find a change of it. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { verify } from "../../src/verify/verify.ts";
import type { Classes } from "./byte-classes.ts";
import { build, folder, tool } from "./tools.ts";
import { ImageError } from "../../src/oci/image-error.ts";

const SPEC = `image "test/flips" {
  tag "v1"
  store [ nix ''writeText "words" "some words"'' ]
  provide [ tmp ]
  files {
    "/bin/run" text "#!/bin/run\\n" { mode 0755 }
    "/l/${"long/".repeat(30)}name" text "x"
    "/link" link "/bin/run"
    "/copied" copy ./copied
  }
  users { api { uid 1000 gid 1000 home "/home/api" groups [ "staff" ] } }
  permissions { "/bin/**" { owner "api" } }
  config {
    entrypoint [ "/bin/run" ] env { A "b" } user "api" workdir "/home/api" expose [ 80/tcp ] labels { c "d" }
    healthcheck { test [ "NONE" ] interval 3s }
  }
  ANNOTATIONS
  author "someone"
  compression COMPRESSION manifest MANIFEST
  expect { size <= 1MB layers <= 10 absent [ hello ] present [ nix ''writeText "words" "some words"'' ] no-setuid }
}`;

/** A part of the tiny image: an attribute of its expression. */
export async function tiny(attribute: string, compression = "zstd", manifest = "oci"): Promise<string> {
  const path = folder();
  mkdirSync(join(path, "copied"));
  writeFileSync(join(path, "copied/file"), "copied\n");
  symlinkSync("file", join(path, "copied/link"));
  const annotations = manifest === "docker" ? "" : 'annotations { e "f" }';
  const spec = SPEC.replace("COMPRESSION", compression).replace("MANIFEST", manifest);
  writeFileSync(join(path, "tiny.imgspec"), spec.replace("ANNOTATIONS", annotations));
  return (await build(join(path, "tiny.imgspec"), { attribute })).path;
}

/** A writable copy, with links resolved. */
export async function copyOf(path: string, to = join(folder(), "copy")): Promise<string> {
  await tool("cp", ["-RL", path, to]);
  await tool("chmod", ["-R", "u+w", to]);
  return to;
}

/** Whether `imgc verify` reports a finding. */
export async function isFound(path: string, deep = false): Promise<boolean> {
  try {
    return (await verify(path, { deep })).findings.length > 0;
  } catch (error) {
    if (error instanceof ImageError) return true;
    throw error;
  }
}

const MASKS = [0x01, 0x20, 0x80, 0x10];

export interface MissedOptions {
  /** Called after each change and at the end. */
  repair?: () => void;
  deep?: boolean;
  /** A change without meaning, which need not be found. */
  isMeaningless?: (flipped: Buffer) => boolean;
}

/** Flips a bit at each offset of each class, and returns the classes where nothing was found. */
export async function missed(
  image: string,
  file: string,
  classes: Classes,
  { repair = () => {}, deep = false, isMeaningless = () => false }: MissedOptions = {},
): Promise<string[]> {
  const bytes = readFileSync(file);
  const unseen = new Set<string>();
  let turn = 0;
  for (const [name, offsets] of classes) {
    for (const offset of offsets) {
      const flipped = Buffer.from(bytes);
      flipped[offset] = (flipped[offset] as number) ^ (MASKS[turn++ % MASKS.length] as number);
      writeFileSync(file, flipped);
      repair();
      if (!(await isFound(image, deep)) && !isMeaningless(flipped)) unseen.add(`${basename(file)} ${name}`);
    }
  }
  writeFileSync(file, bytes);
  repair();
  return [...unseen];
}
