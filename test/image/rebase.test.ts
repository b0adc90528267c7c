import { expect, test } from "vitest";
import { annotations, type RebaseFacts } from "../../src/image/base-annotations.ts";
import { replacedEntry, type IndexPart } from "../../src/image/index-entries.ts";
import { fittingBase, needsBill, rebased, rebaseFacts, unsurePaths } from "../../src/image/rebase.ts";
import { descriptor, encode, ImageConfig, Manifest } from "../../src/oci/documents.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { MEDIA_TYPES } from "../../src/oci/media-types.ts";

const id = (name: string) => sha256(Buffer.from(name));
const PATH = "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-lib-1";
const OWN = "/nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-app-1";
const FACTS: RebaseFacts = {
  layers: 2,
  settings: [
    { config: { Entrypoint: ["/bin/a"], User: "7" }, extendedEnv: [{ name: "PATH", prepend: "/a", append: null }] },
  ],
  needs: { [id("lib")]: [PATH] },
  own: [],
  database: false,
};

function documents(name: string, layers: string[], config: object, facts?: RebaseFacts, more: object = {}) {
  const bytes = encode({
    architecture: "amd64",
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: layers.map(id) },
    history: layers.map((layer) => ({ created_by: layer })),
    ...more,
  });
  const manifest = encode({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.oci.manifest,
    config: descriptor(MEDIA_TYPES.oci.config, bytes),
    layers: layers.map((layer) => ({ mediaType: MEDIA_TYPES.docker.gzip, digest: id(`${layer}.gz`), size: 5 })),
    ...(facts && { annotations: { first: "1", ...annotations("r/base:1", id("base"), facts) } }),
  });
  return { name, manifest, config: bytes };
}

const app = (facts = FACTS) => documents("r/app:1", ["lib", "old", "own"], {}, facts);
function base(layers: string[], paths?: Map<string, string>, more: object = {}) {
  const config = { Env: ["PATH=/bin", "X=1"], User: "root", Cmd: ["c"], OnBuild: ["RUN x"] };
  const made = documents("r/base:2", layers, config, undefined, more);
  return { ...made, reference: "r/base:2", digest: id("base 2"), paths };
}

test("layers, config, history and annotations are those of a build on the new base", () => {
  const made = rebased(app(), FACTS, base(["lib", "new", "newer"]));
  const config = ImageConfig.parse(JSON.parse(made.config.toString()));
  const names = ["lib", "new", "newer", "own"];
  expect(config.rootfs.diff_ids).toEqual(names.map(id));
  // An entry point of the image's own drops the base's command.
  expect(config.config).toEqual({ Env: ["PATH=/a:/bin", "X=1"], User: "7", Entrypoint: ["/bin/a"] });
  expect(config.history?.map((step) => step.created_by)).toEqual(names);
  const manifest = Manifest.parse(JSON.parse(made.manifest.toString()));
  expect(manifest.config).toEqual(descriptor(MEDIA_TYPES.oci.config, made.config));
  expect(manifest.layers.map(({ digest }) => digest)).toEqual(names.map((each) => id(`${each}.gz`)));
  expect(manifest.layers[0]?.mediaType).toBe(MEDIA_TYPES.oci.gzip);
  expect(manifest["annotations"]).toEqual({
    first: "1",
    ...annotations("r/base:2", id("base 2"), { ...FACTS, layers: 3 }),
  });
});

test("store paths that go away are named, unless a bill of materials has them", () => {
  expect(unsurePaths(FACTS, [id("lib")])).toEqual([]);
  expect(unsurePaths(FACTS, [id("new")])).toEqual([PATH]);
  expect(() => rebased(app(), FACTS, base(["new"]))).toThrow(
    `r/base:2 may lack store paths to which the image refers: ${PATH}. The`,
  );
  expect(() => rebased(app(), FACTS, base(["new"], new Map()))).toThrow("r/base:2 lacks store paths");
  const made = rebased(app(), FACTS, base(["new"], new Map([[PATH, id("new")]])));
  expect(rebaseFacts({ name: "a", manifest: made.manifest }).needs).toEqual({ [id("new")]: [PATH] });
});

test("store paths of the image that the new base has as well are named; without a bill of materials they are unknown", () => {
  const facts = { ...FACTS, own: [OWN] };
  const made = (layers: string[]) => ({ history: layers.map((name) => ({ created_by: `imgc: ${name}` })) });
  const on = (layers: string[], paths?: Map<string, string>, more = made(layers)) => {
    const below = base(layers, paths, more);
    return { needs: needsBill(app(facts), facts, below), rebase: () => rebased(app(facts), facts, below) };
  };
  const twice = on(["lib", "new"], new Map([[OWN, id("new")]]));
  expect(twice.needs).toBe(true);
  expect(twice.rebase).toThrow(`r/base:2 has store paths that r/app:1 has above its base: ${OWN}; a store path`);
  expect(on(["lib", "new"]).rebase).toThrow("r/base:2 may have store paths that r/app:1 has above its base");
  expect(on(["lib", "new"], new Map([[PATH, id("new")]])).rebase).not.toThrow();
  // Layers of the old base, layers without store paths, and layers of another tool need no bill of materials.
  for (const each of [on(["lib", "old", "files", "database"]), on(["lib", "new"], undefined, {} as never)]) {
    expect(each.needs).toBe(false);
    expect(each.rebase).not.toThrow();
  }
});

test("images that cannot be rebased say why", () => {
  expect(() => rebaseFacts(documents("r/x:1", ["a"], {}))).toThrow("r/x:1 does not say what it has from its base");
  expect(() => rebaseFacts(app({ ...FACTS, database: true }))).toThrow(/a new base needs a new database/);
  expect(() => rebased(app(), FACTS, base(["lib"], undefined, { architecture: "arm64" }))).toThrow(
    "r/app:1 is for linux/amd64, r/base:2 for linux/arm64",
  );
  // The store paths of the layer would be in two layers.
  expect(() => rebased(app(), FACTS, base(["lib", "own"]))).toThrow(
    `r/base:2 has the layer ${id("own")}, which r/app:1 has above its base`,
  );
});

test("files outside the store may be in a layer of the image and of the new base", () => {
  const history = ["lib", "old", "imgc: files"].map((step) => ({ created_by: step }));
  const image = documents("r/app:1", ["lib", "old", "own"], {}, FACTS, { history });
  const { config } = rebased(image, FACTS, base(["lib", "own"]));
  expect(ImageConfig.parse(JSON.parse(config.toString())).rootfs.diff_ids).toEqual(["lib", "own", "own"].map(id));
});

/** The same image with layers that are compressed with zstd. */
function zstdForm<D extends { name: string; manifest: Buffer }>(image: D): D {
  const manifest = image.manifest.toString().replaceAll(/[^"]*tar\.gzip/g, MEDIA_TYPES.oci.zstd);
  return { ...image, name: `${image.name}-zstd`, manifest: Buffer.from(manifest) };
}

test("the annotations of zstd:chunked layers of the base stay", () => {
  const below = base(["lib"]);
  const chunked = Manifest.parse(JSON.parse(below.manifest.toString()));
  const layers = chunked.layers.map((layer) => ({ ...layer, annotations: { toc: "1" } }));
  const { manifest } = rebased(app(), FACTS, { ...below, manifest: encode({ ...chunked, layers }) });
  const made = Manifest.parse(JSON.parse(manifest.toString()));
  expect(made.layers.map((layer) => layer.annotations)).toEqual([{ toc: "1" }, undefined]);
});

test("each form of an image gets the form of the base with the same compression", () => {
  const [gzip, zstd] = [app(), zstdForm(app())];
  const [gzipBase, zstdBase] = [base(["lib"]), zstdForm(base(["lib"]))];
  const chosen = (image: typeof gzip, forms: (typeof gzip)[], ...bases: [typeof gzipBase, ...(typeof gzipBase)[]]) =>
    fittingBase(image, forms, bases);
  const both = [gzip, zstd];
  expect(chosen(gzip, both, gzipBase, zstdBase)).toBe(gzipBase);
  expect(chosen(zstd, both, gzipBase, zstdBase)).toBe(zstdBase);
  expect(chosen(gzip, both, zstdBase, gzipBase)).toBe(gzipBase);
  expect(chosen(zstd, both, gzipBase)).toBe(gzipBase);
  // Another image for the same platform is no form of the base.
  expect(chosen(zstd, both, gzipBase, zstdForm(base(["other"])))).toBe(gzipBase);
  expect(() => chosen(gzip, both, zstdBase)).toThrow(
    /^r\/base:2-zstd has the layer sha256:\w+, which is compressed with zstd, so clients without zstd could not pull the gzip form r\/app:1;/,
  );
  // A single form gets the first form of the base, as in a build.
  expect(chosen(gzip, [gzip], zstdBase, gzipBase)).toBe(zstdBase);
  expect(chosen(zstd, [zstd], gzipBase, zstdBase)).toBe(gzipBase);
});

test("the index entry of a replaced manifest is marked if the manifest has zstd layers", () => {
  const platform = { os: "linux", architecture: "amd64" };
  const mark = { "io.github.containers.compression.zstd": "true" };
  const entry: IndexPart = { mediaType: "m", digest: id("old"), size: 1, platform };
  const [gzip, zstd] = [app().manifest, zstdForm(app()).manifest];
  const annotated = (before: Record<string, string>, manifest: Buffer) =>
    replacedEntry({ ...entry, annotations: before }, manifest, platform).annotations;
  expect(replacedEntry(entry, gzip, platform)).toEqual({ ...entry, digest: sha256(gzip), size: gzip.length });
  expect(replacedEntry(entry, zstd, platform)).toMatchObject({ digest: sha256(zstd), annotations: mark });
  expect(annotated({ ...mark, other: "1" }, gzip)).toEqual({ other: "1" });
  expect(annotated(mark, gzip)).toBeUndefined();
  expect(annotated({ other: "1" }, zstd)).toEqual({ other: "1", ...mark });
});
