/** A skopeo whose registry is a folder: references lead to digests, and blobs lie under their digests. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../src/oci/digest.ts";
import { fakeTool } from "./fake-tool.ts";

const SCRIPT = `
const { createHash } = require("node:crypto");
const sha256 = (bytes) => "sha256:" + createHash("sha256").update(bytes).digest("hex");
const blob = (digest) => at + "/blobs/" + digest;
const reference = (text) => at + "/references/" + encodeURIComponent(text);
const fail = (message) => { console.error('time="now" level=fatal msg=' + JSON.stringify(message)); process.exit(1); };
fs.appendFileSync(at + "/calls", args.join(" ") + "\\n");

const script = at + "/failures";
const failures = fs.existsSync(script) ? JSON.parse(fs.readFileSync(script, "utf8")) : [];
if (failures.length > 0) {
  const failure = failures.shift();
  fs.writeFileSync(script, JSON.stringify(failures));
  if (failure !== null) fail(failure);
}

function resolve(text) {
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(text)?.[1];
  if (digest !== undefined && fs.existsSync(blob(digest))) return fs.readFileSync(blob(digest));
  if (fs.existsSync(reference(text))) return fs.readFileSync(blob(fs.readFileSync(reference(text), "utf8")));
  return fail("reading manifest: manifest unknown");
}
const store = (bytes) => fs.writeFileSync(blob(sha256(bytes)), bytes);

async function copyHere(from, to) {
  const [, address, repository, digest] = /^docker:\\/\\/([^/]+)\\/(.*)@(.*)$/.exec(from);
  const get = async (path) => {
    const answer = await fetch("http://" + address + "/v2/" + repository + path);
    const bytes = Buffer.from(await answer.arrayBuffer());
    return answer.ok ? bytes : undefined;
  };
  const manifest = await get("/manifests/" + digest);
  const { config, layers = [] } = JSON.parse(manifest);
  const missing = config === undefined ? [] : [...layers, config].filter((each) => !fs.existsSync(blob(each.digest)));
  const fetched = await Promise.all(missing.map((each) => get("/blobs/" + each.digest)));
  if (fetched.includes(undefined)) fail("reading blob: StatusCode: 404");
  fetched.forEach(store);
  store(manifest);
  fs.writeFileSync(reference(to), sha256(manifest));
}

function copyOut(from, folder) {
  const manifest = resolve(from);
  const put = (bytes) => {
    const file = folder + "/blobs/" + sha256(bytes).replace(":", "/");
    if (!fs.existsSync(file)) fs.writeFileSync(file, bytes);
  };
  fs.mkdirSync(folder + "/blobs/sha256", { recursive: true });
  const { config, layers } = JSON.parse(manifest);
  for (const { digest } of [config, ...layers]) put(fs.readFileSync(blob(digest)));
  put(manifest);
}

const [last = "", before = ""] = args.toReversed();
const named = last.replace(/^docker:\\/\\//, "");
if (args.includes("inspect")) {
  const manifest = resolve(named);
  process.stdout.write(args.includes("--config") ? fs.readFileSync(blob(JSON.parse(manifest).config.digest)) : manifest);
} else if (last.startsWith("docker://")) void copyHere(before, named);
else copyOut(before.replace(/^docker:\\/\\//, ""), last.replace(/^oci:/, ""));
`;

export interface FakeSkopeo {
  /** Adds a blob to the registry, and gives its digest. */
  add: (bytes: Buffer) => string;
  /** Adds a document, and a reference that leads to it. */
  tag: (reference: string, bytes: Buffer) => string;
  /** The document that a reference leads to. */
  read: (reference: string) => Buffer | undefined;
  has: (digest: string) => boolean;
  /** The arguments of each call so far. */
  calls: () => string[];
  /** The messages with which the next calls fail; null: a call that works. */
  fail: (...messages: (string | null)[]) => void;
  /** How many blobs there are. */
  count: () => number;
}

export function fakeSkopeo(): FakeSkopeo {
  const at = fakeTool("skopeo", SCRIPT);
  for (const name of ["blobs", "references"]) mkdirSync(join(at, name));
  const blob = (digest: string) => join(at, "blobs", digest);
  const reference = (text: string) => join(at, "references", encodeURIComponent(text));
  const add = (bytes: Buffer) => {
    const digest = sha256(bytes);
    writeFileSync(blob(digest), bytes);
    return digest;
  };
  return {
    add,
    tag(text, bytes) {
      const digest = add(bytes);
      writeFileSync(reference(text), digest);
      return digest;
    },
    read: (text) =>
      existsSync(reference(text)) ? readFileSync(blob(readFileSync(reference(text), "utf8"))) : undefined,
    has: (digest) => existsSync(blob(digest)),
    calls: () => (existsSync(join(at, "calls")) ? readFileSync(join(at, "calls"), "utf8").trim().split("\n") : []),
    fail: (...messages) => writeFileSync(join(at, "failures"), JSON.stringify(messages)),
    count: () => readdirSync(join(at, "blobs")).length,
  };
}
