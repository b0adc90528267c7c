import { Ajv2020 } from "ajv/dist/2020.js";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { beforeAll, expect, test } from "vitest";
import { officialSchema } from "../sbom/schemas.ts";
import { build, buildText, failure, imgc, EXAMPLES, registry, tool } from "./tools.ts";
import { join } from "node:path";

interface Graph {
  "@graph": { type: string; spdxId: string; name?: string; relationshipType?: string; from?: string; to?: string[] }[];
}
interface Bom {
  components: {
    type: string;
    name: string;
    version?: string;
    purl?: string;
    licenses?: object[];
    properties: { name: string; value: string }[];
  }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

let spdx: Graph;
let bom: Bom;

beforeAll(async () => {
  const { path } = await build(join(EXAMPLES, "flask.imgspec"));
  spdx = JSON.parse((await imgc("sbom", path)).stdout) as Graph;
  bom = JSON.parse((await imgc("sbom", "--format", "cyclonedx", path)).stdout) as Bom;
});

function spdxSchema() {
  return new Ajv2020({ strict: false }).compile(officialSchema("spdx-export"));
}

function bomSchema() {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  // Formats that ajv-formats does not know.
  ajv.addFormat("idn-email", true);
  ajv.addFormat("iri-reference", (text) => URL.canParse(text, "file:///") && !/[\s<>"{}|\\^`]/.test(text));
  for (const name of ["spdx", "jsf-0.82"]) ajv.addSchema(officialSchema(name));
  return ajv.compile(officialSchema("bom-1.6"));
}

test("SPDX is valid against the official schema, and the schema would find a mistake", () => {
  const valid = spdxSchema();
  expect(valid(spdx), JSON.stringify(valid.errors?.[0])).toBe(true);
  const broken = structuredClone(spdx);
  const relationship = broken["@graph"].find(({ type }) => type === "Relationship");
  delete relationship?.to;
  expect(valid(broken)).toBe(false);
});

test("CycloneDX is valid against the official schema, and the schema would find a mistake", () => {
  const valid = bomSchema();
  expect(valid(bom), JSON.stringify(valid.errors?.[0])).toBe(true);
  const broken = structuredClone(bom);
  (broken.components[0] as { type: string }).type = "thing";
  expect(valid(broken)).toBe(false);
});

test("lists every package with its metadata, references and layer", () => {
  const glibc = bom.components.find(({ name }) => name === "glibc");
  expect(glibc).toMatchObject({
    type: "library",
    version: "2.36",
    purl: "pkg:nix/glibc@2.36?output=out",
    licenses: [{ license: { id: "LGPL-2.1-or-later" } }],
  });
  expect(glibc?.properties.find(({ name }) => name === "imgc:layer")?.value).toMatch(/^sha256:/);
  const zlib = bom.dependencies.find(({ ref }) => ref.includes("-zlib-"));
  expect(zlib?.dependsOn.some((path) => path.includes("-glibc-"))).toBe(true);
  expect(bom.components.some(({ type, name }) => type === "file" && name === "/app/app.py")).toBe(true);
  // The other format has the same facts.
  const packages = spdx["@graph"].filter(({ type }) => type === "software_Package").map(({ name }) => name);
  const libraries = bom.components.filter(({ type }) => type === "library").map(({ name }) => name);
  expect(packages.slice(1)).toEqual(libraries);
});

test("for a description, writes the bill of the built image", async () => {
  const spec = join(EXAMPLES, "hello.imgspec");
  const { path } = await build(spec);
  const { stdout, stderr } = await imgc("sbom", path);
  expect((await imgc("sbom", spec)).stdout).toBe(stdout);
  expect(stderr).toMatch(/^imgc: \d+ store paths: \d+ \(100 %\) with a version, \d+ \(\d+ %\) with a licence,\n/);
  expect(await failure(imgc("sbom", path, "--format", "openvex"))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no patch of the packages of the image examples/hello names a CVE") as string,
  });
});

test("a licence outside the SPDX list keeps its name in both formats", async () => {
  const { path } = await buildText('image "test/licence" { store [ tzdata ] }');
  expect((await imgc("sbom", path)).stdout).toContain('"LicenseRef-Public-Domain"');
  expect((await imgc("sbom", "--format", "cyclonedx", path)).stdout).toContain('"name": "Public Domain"');
});

test("a package with odd metadata is listed with the valid parts", async () => {
  const odd = (name: string, meta: string) => `nix ''(writeText "${name}-1.0" "x") // { meta = ${meta}; }''`;
  const { path } = await buildText(`image "test/odd" {
    store [
      ${odd("several", `{ license = [ { spdxId = "NOT-A-THING"; } { fullName = "Odd, (very)"; } "mit" { spdxId = null; } { } ]; }`)}
      ${odd("expression", `{ license = { spdxId = "Apache-2.0 WITH LLVM-exception"; }; homepage = [ "https://example.org/a b" ]; }`)}
      ${odd("broken", `{ license = throw "no"; homepage = 5; description = [ ]; version = { }; }`)}
      ${odd("page", `{ license = "free"; homepage = "not an address <>"; }`)}
      ${odd("nested", `{ license = [ [ "MIT" ] [ { spdxId = "Zlib"; } (throw "no") ] ]; }`)}
      ${odd("compound", `{ license = { operator = "AND"; licenses = [ { spdxId = "MIT"; } { operator = "OR"; licenses = [ { spdxId = "Zlib"; } { shortName = "odd"; } ]; } ]; }; }`)}
      nix ''(writeText "patched-1.0" "x") // {
        src.urls = [ "mirror://gnu/patched/patched-1.0.tar.gz" "https://example.org/other.tar.gz" ];
        srcs = [ { url = "https://example.org/data.tar.gz"; urls = throw "no"; } ./file.c 5 ];
        patches = [ ./CVE-2020-1111.patch { name = "CVE-2021-2222.diff"; url = "https://example.org/2222"; } null (throw "no") { } ];
        meta.identifiers = { cpeParts = abort "unused"; possibleCPEs = [ { cpe = "cpe:2.3:a:x:patched:1.0:*:*:*:*:*:*:*"; } { } ]; };
        passthru.tests = abort "unused";
        tests = abort "unused";
      }''
      ${odd("known", `{ license = "unfree"; identifiers = { cpe = "cpe:2.3:a:odd:known:1.0:*:*:*:*:*:*:*"; purl = "pkg:github/odd/known@1.0"; }; }`)}
    ]
  }`);
  const made = JSON.parse((await imgc("sbom", "--format", "cyclonedx", path)).stdout) as Bom;
  const valid = bomSchema();
  expect(valid(made), JSON.stringify(valid.errors?.[0])).toBe(true);
  const licenses = Object.fromEntries(made.components.map(({ name, licenses: all = [] }) => [name, all]));
  expect(licenses).toEqual({
    several: ["NOT-A-THING", "Odd, (very)", "mit"].map((name) => ({ license: { name } })),
    expression: [{ expression: "Apache-2.0 WITH LLVM-exception" }],
    broken: [],
    page: [{ license: { name: "free" } }],
    nested: [{ license: { id: "MIT" } }, { license: { id: "Zlib" } }],
    compound: [{ expression: "MIT AND (Zlib OR LicenseRef-odd)" }],
    known: [{ license: { name: "unfree" } }],
    patched: [],
  });
  expect(made.components.find(({ name }) => name === "patched")).toMatchObject({
    cpe: "cpe:2.3:a:x:patched:1.0:*:*:*:*:*:*:*",
    externalReferences: [
      { type: "source-distribution", url: "https://example.org/data.tar.gz" },
      { type: "source-distribution", url: "mirror://gnu/patched/patched-1.0.tar.gz" },
    ],
    pedigree: {
      patches: [
        { diff: { url: "CVE-2020-1111.patch" }, resolves: [{ id: "CVE-2020-1111" }] },
        { diff: { url: "https://example.org/2222" }, resolves: [{ id: "CVE-2021-2222" }] },
      ],
    },
  });
  const vex = JSON.parse((await imgc("sbom", "--format", "openvex", path)).stdout) as { statements: object[] };
  expect(vex.statements).toMatchObject([
    { vulnerability: { name: "CVE-2020-1111" }, status: "fixed" },
    { vulnerability: { name: "CVE-2021-2222" }, status: "fixed" },
  ]);
  const other = JSON.parse((await imgc("sbom", path)).stdout) as Graph;
  expect(spdxSchema()(other)).toBe(true);
  const named = JSON.stringify(other).matchAll(/"simplelicensing_licenseExpression":"([^"]*)"/g);
  expect(Array.from(named, ([, text = ""]) => text).toSorted()).toEqual([
    "Apache-2.0 WITH LLVM-exception",
    "LicenseRef-NOT-A-THING",
    "LicenseRef-Odd-very-",
    "LicenseRef-free",
    "LicenseRef-mit",
    "LicenseRef-unfree",
    "MIT",
    "MIT AND (Zlib OR LicenseRef-odd)",
    "Zlib",
  ]);
  expect(made.components.find(({ name }) => name === "known")).toMatchObject({
    cpe: "cpe:2.3:a:odd:known:1.0:*:*:*:*:*:*:*",
    pedigree: { ancestors: [{ purl: "pkg:github/odd/known@1.0" }] },
  });
  expect(other["@graph"].find(({ name }) => name === "known")).toMatchObject({
    externalIdentifier: [{ externalIdentifierType: "cpe23" }, { externalIdentifierType: "packageUrl" }],
  });
  expect(JSON.stringify(other)).toContain('"https://example.org/a%20b"');
});

test("the attached bill is found from the image, also through the referrers tag, once for each format", async () => {
  const { path } = await build(join(EXAMPLES, "hello.imgspec"));
  const name = `${await registry()}/examples/hello`;
  const digest = (await imgc("push", path, `${name}:v1`, "--insecure", "--sbom")).stdout.trim().split("@")[1] as string;
  await imgc("push", path, `${name}:v1`, "--insecure", "--sbom", "cyclonedx");
  await imgc("push", path, `${name}:v1`, "--insecure", "--sbom", "spdx");

  const raw = async (reference: string) => {
    const { stdout } = await tool("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${reference}`]);
    return JSON.parse(stdout) as {
      artifactType: string;
      subject: { digest: string };
      layers: { digest: string }[];
      manifests: { digest: string }[];
    };
  };
  const index = await raw(`${name}:${digest.replace(":", "-")}`);
  const artifacts = await Promise.all(index.manifests.map((each) => raw(`${name}@${each.digest}`)));
  expect(artifacts.map(({ artifactType }) => artifactType).toSorted()).toEqual([
    "application/spdx+json",
    "application/vnd.cyclonedx+json",
  ]);
  for (const { subject } of artifacts) expect(subject.digest).toBe(digest);
  // The document equals the command's output.
  const blob = artifacts.find(({ artifactType }) => artifactType === "application/spdx+json")?.layers[0]?.digest;
  const response = await fetch(`http://${name.replace("/", "/v2/")}/blobs/${blob}`);
  expect(await response.text()).toBe((await imgc("sbom", path)).stdout);
});
