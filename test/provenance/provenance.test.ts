import { generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { readGraph, sourcesOf } from "../../src/provenance/graph.ts";
import { namedPaths, unnamedByAll } from "../../src/provenance/named-paths.ts";
import { predicate, PROVENANCE_TYPE, type BuildFacts } from "../../src/provenance/predicate.ts";
import { makeBundle } from "../../src/sign/make-bundle.ts";
import { folder } from "../e2e/tools.ts";
import { differences, PROVENANCE, STATEMENT } from "./official.ts";

const path = (letter: string, name: string) => `/nix/store/${letter.repeat(32)}-${name}`;
const IMAGE = path("a", "image.drv");
const FETCH = path("b", "hello.tar.gz.drv");
const BLOB = path("c", "imgc-blob.drv");
const PATCH = path("d", "fix.patch");
const HASH = "1".repeat(64);
const OTHER = "2".repeat(64);

/** A chroot store with three derivations: an image, a fetched file with an address, and a layer of a base. */
function store(): string {
  const root = folder();
  const files = {
    [IMAGE]:
      `Derive([("out","${path("e", "image")}","","")],[("${FETCH}",["out"]),("${BLOB}",["out"])],["${PATCH}"],` +
      `"x86_64-linux","/bin/sh",[],[("text","a \\"b\\"")])`,
    [FETCH]:
      `Derive([("out","${path("f", "hello.tar.gz")}","r:sha256","${HASH}")],[],[],"x86_64-linux","/bin/sh",[],` +
      `[("urls","https://example.org/hello.tar.gz https://example.com/hello.tar.gz")])`,
    [BLOB]:
      `Derive([("out","${path("g", "imgc-blob")}","sha256","${OTHER}")],[],[],"x86_64-linux","/bin/sh",[],` +
      `[("__json","{\\"url\\":7}")])`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(root + name), { recursive: true });
    writeFileSync(root + name, text);
  }
  return root;
}

function facts(more: Partial<BuildFacts> = {}): BuildFacts {
  const root = store();
  return {
    image: "shop/api",
    platforms: ["linux/amd64"],
    derivation: IMAGE,
    graph: readGraph(IMAGE, root),
    sourceHashes: new Map([[PATCH, `sha256:${"0".repeat(52)}`]]),
    basePaths: new Map([[path("h", "glibc"), undefined]]),
    spec: {
      files: [
        { name: "shop.imgspec", text: "image" },
        { name: "common.imgspec", text: "let" },
      ],
      lock: "{}",
      parameters: ["tag=1"],
      packageSet: {
        reference: "nixpkgs",
        uri: "https://example.org/nixpkgs.tar.gz",
        narHash: `sha256-${"A".repeat(43)}=`,
      },
      bases: [{ reference: "example.org/base:1", digest: `sha256:${"4".repeat(64)}` }],
    },
    reproducible: undefined,
    root,
    homepage: "https://imgc.example.org",
    versions: { imgc: "1.0.0", nix: "2.8" },
    ...more,
  };
}

interface Resource {
  name?: string;
  uri?: string;
  digest?: Record<string, string>;
  annotations?: Record<string, unknown>;
}
interface Provenance {
  buildDefinition: {
    externalParameters: object;
    internalParameters: object;
    resolvedDependencies: Resource[];
  };
  runDetails: { builder: object };
}

const parsed = (more?: Partial<BuildFacts>) => JSON.parse(JSON.stringify(predicate(facts(more)))) as Provenance;
const resources = (role: string) =>
  parsed().buildDefinition.resolvedDependencies.filter(({ annotations }) => annotations?.["role"] === role);

test("statement and provenance follow the official definitions", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const signer = {
    publicKey: { file: "key", key: publicKey },
    sign: async (bytes: Buffer) => sign(null, bytes, privateKey),
  };
  for (const spec of [facts().spec, undefined]) {
    const statement = { predicateType: PROVENANCE_TYPE, predicate: predicate(facts({ spec })) };
    const bundle = JSON.parse((await makeBundle(`sha256:${HASH}`, statement, signer)).toString()) as {
      dsseEnvelope: { payload: string };
    };
    const made = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, "base64").toString()) as { predicate: Provenance };
    expect(differences(STATEMENT, made)).toEqual([]);
    expect(differences(PROVENANCE, made.predicate)).toEqual([]);
    // resource_descriptor.md: one of the three is required.
    for (const { name, uri, digest } of made.predicate.buildDefinition.resolvedDependencies) {
      expect(name ?? uri ?? digest).toBeDefined();
      expect(uri === undefined || URL.canParse(uri)).toBe(true);
    }
    // The comparison finds wrong and unknown members.
    expect(differences(STATEMENT, { ...made, subject: "a", more: 1 })).toEqual(["$.subject", "$.more"]);
    const [first] = made.predicate.buildDefinition.resolvedDependencies;
    const wrong = {
      ...made.predicate.buildDefinition,
      resolvedDependencies: [{ ...first, digest: "a", type: "file" }],
    };
    expect(differences(PROVENANCE, { ...made.predicate, buildDefinition: wrong })).toEqual([
      "$.buildDefinition.resolvedDependencies.0.digest",
      "$.buildDefinition.resolvedDependencies.0.type",
    ]);
  }
});

test("names the description, the parameters and the builder", () => {
  const { buildDefinition, runDetails } = parsed();
  expect(buildDefinition.externalParameters).toEqual({
    image: "shop/api",
    platforms: ["linux/amd64"],
    derivation: IMAGE,
    description: "shop.imgspec",
    parameters: ["tag=1"],
  });
  expect(runDetails.builder).toEqual({
    id: "https://imgc.example.org/builder",
    version: { imgc: "1.0.0", nix: "2.8" },
  });
  expect(parsed({ spec: undefined }).buildDefinition.externalParameters).not.toHaveProperty("description");
});

test("names description, lock, package set, bases, derivations, fetched files and sources", () => {
  expect(resources("description").map(({ name }) => name)).toEqual(["shop.imgspec"]);
  expect(resources("import").map(({ name }) => name)).toEqual(["common.imgspec"]);
  expect(resources("lock")).toHaveLength(1);
  expect(resources("package set")).toMatchObject([{ digest: { sha256: "0".repeat(64) } }]);
  expect(resources("base").map(({ name }) => name)).toEqual(["example.org/base:1", "glibc"]);
  expect(resources("derivation")).toMatchObject([
    { annotations: { path: IMAGE, outputs: { out: path("e", "image") }, inputs: [FETCH, BLOB], sources: [PATCH] } },
    { annotations: { path: FETCH } },
    { annotations: { path: BLOB } },
  ]);
  expect(resources("fetched")).toEqual([
    {
      name: "hello.tar.gz",
      uri: "https://example.org/hello.tar.gz",
      digest: { sha256: HASH },
      mediaType: "application/x-nix-nar",
      annotations: { role: "fetched", path: path("f", "hello.tar.gz") },
    },
    {
      name: "imgc-blob",
      uri: `file://${path("g", "imgc-blob")}`,
      digest: { sha256: OTHER },
      annotations: { role: "fetched", path: path("g", "imgc-blob") },
    },
  ]);
  expect(resources("source")).toMatchObject([{ name: "fix.patch", digest: { sha256: "0".repeat(64) } }]);
});

test("says whether the image is reproducible only if a second build showed it", () => {
  const known = (reproducible: string | undefined) => parsed({ reproducible }).buildDefinition.internalParameters;
  expect(known(undefined)).toEqual({ reproducible: { checked: false } });
  expect(known("a second build")).toEqual({
    reproducible: { checked: true, result: "equal", method: "a second build" },
  });
});

test("a store path without a name in the provenance is a finding, except in a layer of a base", () => {
  const named = namedPaths(predicate(facts()), "the provenance");
  const layer = (digest: string, ...storePaths: string[]) => ({
    label: "layer 1",
    digest: `sha256:${digest}`,
    storePaths: new Set(storePaths),
  });
  const strange = path("x", "strange");
  const fine = [layer(HASH, path("e", "image"), PATCH, IMAGE, path("h", "glibc")), layer(OTHER, strange)];
  expect(unnamedByAll([named], fine)).toEqual([]);
  const finding = `layer 1: the provenance does not name ${strange}`;
  expect(unnamedByAll([named], [...fine, layer("3".repeat(64), strange)])).toEqual([finding]);
  // The hash of a NAR is not the digest of a layer.
  expect(unnamedByAll([named], [layer(HASH, strange)])).toEqual([finding]);
  // Another provenance that names all paths is enough.
  const other = { paths: new Set([strange]), digests: new Set<string>() };
  expect(unnamedByAll([named, other], [layer(HASH, strange)])).toEqual([]);
});

test("a document of another form is not a provenance, and a missing derivation is an error", () => {
  expect(() => namedPaths({ buildDefinition: {} }, "the provenance of x")).toThrow(
    "the provenance of x: buildDefinition.resolvedDependencies: ",
  );
  expect(() => readGraph(IMAGE, folder())).toThrow(
    `the provenance needs ${IMAGE}, which is not in the store; build the image on this machine first`,
  );
  expect(sourcesOf(facts().graph)).toEqual([PATCH]);
});
