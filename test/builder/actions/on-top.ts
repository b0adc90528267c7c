/** Images on top of bases made elsewhere, made by the actions of builders. */
import { base } from "../../../src/builder/actions/base.ts";
import { content } from "../../../src/builder/actions/content.ts";
import { image } from "../../../src/builder/actions/image.ts";
import { layer } from "../../../src/builder/actions/layer.ts";
import { plan } from "../../../src/builder/actions/plan.ts";
import type { Origin } from "../../../src/image/base-annotations.ts";
import type { RunConfig } from "../../../src/oci/documents.ts";
import { tarOf, type OddEntry } from "../../fuzz/odd-layers.ts";
import { packedLayer, TestLayout } from "../../test-layout.ts";
import { IMAGE, NO_CONTENT, NO_PLAN, type Outputs, type TestStore } from "./test-store.ts";

export const PLATFORM = { os: "linux", architecture: "amd64" };
const ZSTD = { algorithm: "zstd", level: null } as const;
const FILE = { owner: null, capabilities: [], modes: null, isAsked: true, mode: null };

export const file = (name: string, text: string, mode = 0o644): OddEntry => {
  return { type: "0", name, contents: Buffer.from(text), mode };
};

/** An OCI layout with one image; each list of entries is a layer. */
export function layoutOf(layers: OddEntry[][], config: object = {}, path?: string): TestLayout {
  const layout = new TestLayout(path);
  const blobs = layers.map((entries, i) => packedLayer(i % 2 === 0 ? "gzip" : "zstd", tarOf(entries)));
  return layout.index([layout.image(blobs, { config })]);
}

export async function baseOf(store: TestStore, source: unknown, more: object = {}): Promise<Outputs> {
  return await store.build("base", base, { label: "debian", platform: PLATFORM, source, ...more });
}

export interface OnTop {
  files?: object[];
  permissions?: object[];
  expect?: object;
  config?: RunConfig;
  /** The base's reference and manifest, if the base is in a registry. */
  origin?: Origin;
}

/** Builds an image on top of a base. */
export async function onTop(
  store: TestStore,
  { out: foreign }: Outputs,
  { files = [], permissions = [], expect: expected, config = {}, origin }: OnTop,
) {
  const made = await store.build(
    "content.json",
    content,
    {
      ...NO_CONTENT,
      config,
      base: `${foreign}/content.json`,
      foreignBase: foreign,
      files: files.map((each) => ({ ...FILE, from: "", ...each })),
      permissions: permissions.map((each) => ({ mode: null, owner: null, capabilities: [], ...each })),
    },
    ["contents"],
  );
  const planned = await store.build("plan", plan, {
    ...NO_PLAN,
    content: made.out,
    below: [`${foreign}/plan.json`],
    closure: store.closure,
  });
  const attributes = { label: "files", paths: [], entries: made.out, permissions: made.out, forms: [ZSTD] };
  const top = await store.build("layer.json", layer, attributes);
  return await store.build("image", image, {
    ...IMAGE,
    ...(origin !== undefined && { origin }),
    ...(expected !== undefined && { expect: { ...IMAGE.expect, ...expected } }),
    content: made.out,
    plans: [`${foreign}/plan.json`, `${planned.digests}/plan.json`],
    layers: [foreign, top.out],
  });
}
