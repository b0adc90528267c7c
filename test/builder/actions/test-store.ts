/** Runs the actions of builders as Nix does, with attributes in a file and outputs in a store, here a temporary folder. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { NOTHING } from "../../../bench/fabricate.ts";
import type { ContentArguments } from "../../../src/builder/content/make-content.ts";
import type { PlanAndLayers } from "../../../src/builder/make-plan.ts";
import type { ImageArguments } from "../../../src/builder/describe-image.ts";
import type { ClosureEntry } from "../../../src/image/plan-file.ts";
import { narDigest } from "../../../src/layer/nar.ts";
import type * as z from "zod/mini";

/** The paths of a derivation's outputs. */
export interface Outputs {
  out: string;
  digests: string;
  contents: string;
  blobs: string;
  inputs: string;
}

export class TestStore {
  /** As deep as Nix's store. */
  readonly path = mkdtempSync(join(tmpdir(), "store-"));
  /** The registrations of the added packages. */
  readonly closure: ClosureEntry[] = [];

  constructor() {
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(this.path, { recursive: true });
    });
    vi.stubEnv("NIX_STORE", this.path);
    vi.stubEnv("NIX_STORE_DIR", this.path);
  }

  /** A path in the store; the same for the same name. */
  place(name: string): string {
    // Hashes in Nix's base 32 have no letter e.
    const hash = createHash("sha256").update(name).digest("hex").slice(0, 32).replaceAll("e", "x");
    return `${this.path}/${hash}-${name}`;
  }

  /** Adds a store path with these files, which refer to the named store paths. */
  add(name: string, files: Record<string, string>, references: string[] = []): string {
    const path = this.place(name);
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text, { mode: file.startsWith("bin/") ? 0o555 : 0o444 });
    }
    const { hash, size } = narDigest(path);
    this.closure.push({ path, narHash: `sha256:${hash.toString("hex")}`, narSize: size, references });
    return path;
  }

  /** Runs an action. Its output `contents` or `blobs` exists only if `more` names the output. */
  async build(
    name: string,
    action: () => Promise<void> | void,
    attributes: object,
    more: ("contents" | "blobs" | "inputs")[] = [],
  ): Promise<Outputs> {
    const top = mkdtempSync(join(tmpdir(), "imgc-build-"));
    const before = process.cwd();
    const outputs = Object.fromEntries(
      ["out", "digests", ...more].map((output) => [output, this.place(output === "out" ? name : `${name}-${output}`)]),
    );
    writeFileSync(join(top, ".attrs.json"), JSON.stringify({ ...attributes, outputs }));
    vi.stubEnv("NIX_BUILD_TOP", top);
    process.chdir(top);
    try {
      await action();
    } finally {
      process.chdir(before);
      rmSync(top, { recursive: true });
    }
    return outputs as unknown as Outputs;
  }
}

/** Arguments of the content action for an image without files. */
export const NO_CONTENT: ContentArguments & { base: null; foreignBase: null; shell: null } = {
  packages: [],
  files: [],
  users: [],
  groups: [],
  permissions: [],
  config: {},
  extendedEnv: [],
  provideUsers: false,
  nix: null,
  base: null,
  foreignBase: null,
  shell: null,
};

/** Arguments of the plan action for an image without store paths. */
export const NO_PLAN: z.input<typeof PlanAndLayers> = {
  roots: [],
  fallbacks: [],
  only: false,
  content: null,
  steps: [{ kind: "each", count: null }],
  order: "popularity",
  weights: [],
  volatile: [],
  max: 100,
  others: 1,
  below: [],
  groups: [],
  closure: [],
  derivations: null,
  lock: null,
  forms: [{ algorithm: "zstd", level: null }],
  permissions: [],
};

/** Arguments of the image action, without its parts. */
export const IMAGE: Omit<z.input<typeof ImageArguments>, "content" | "plans" | "layers"> = {
  imageName: "shop/api",
  tag: "v1",
  platform: { os: "linux", architecture: "amd64" },
  created: 1,
  author: null,
  annotations: {},
  manifest: "oci",
  origin: null,
  isGzipForm: false,
  expect: NOTHING,
  metadata: [],
};
