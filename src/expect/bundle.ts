/** Makes a runtime bundle of an image (runtime-spec, bundle.md): its files, and a config.json for running a command. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { AnyImage } from "../image/any-image.ts";
import { Users, type Identity } from "../verify/contents/users.ts";
import { Findings } from "../verify/findings.ts";
import { FileTree } from "../image/file-tree.ts";
import { LayerInspector } from "../verify/inspect-layer.ts";
import { ImageConfig, type RunConfig } from "../oci/documents.ts";
import { DEFAULT_PATH } from "../oci/run-config.ts";
import { unpackLayer } from "../image/unpack-layer.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";
import { STORE_DIR } from "../store/store-path.ts";

/** The capabilities of commands that docker runs as root. */
const CAPABILITIES = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
].map((name) => `CAP_${name}`);
const HOSTS = "127.0.0.1 localhost\n::1 localhost\n";

/** The config.json that `runc spec` writes (runtime-spec, config.md): mounts, namespaces, hidden paths. */
const Proposed = z.looseObject({ mounts: z.array(z.looseObject({ destination: z.string() })) });

/** `folder`: contains the runtime's default config.json, and becomes the bundle. */
export async function makeBundle(
  folder: string,
  image: AnyImage,
  command: string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const tree = await unpackImage(image, join(folder, "rootfs"), signal);
  const { config = {} } = parseJson(ImageConfig, image.configBytes, "the image's config");
  const place = join(folder, "config.json");
  const hosts = join(folder, "hosts");
  const { mounts, ...proposed } = parseJson(Proposed, readFileSync(place), place);
  const bundle = {
    ...proposed,
    process: processOf(config, command, identityOf(config, tree)),
    root: { path: "rootfs" },
    mounts: [
      ...mounts,
      ...volumes(config, tree),
      { destination: "/etc/hosts", type: "bind", source: hosts, options: ["bind"] },
    ],
  };
  writeFileSync(hosts, HOSTS);
  writeFileSync(place, JSON.stringify(bundle));
}

/** Unpacks all layers, and returns their file tree. Throws at the first finding. */
async function unpackImage(image: AnyImage, into: string, signal: AbortSignal | undefined): Promise<FileTree> {
  mkdirSync(into);
  chmodSync(into, 0o755);
  const tree = new FileTree();
  const findings = new Findings();
  for (const [index, { name, stream }] of image.layers.entries()) {
    const options = { tree, index, label: name, storeDir: STORE_DIR, deep: false, isOwn: false };
    const inspector = new LayerInspector(findings, options);
    const inspected = async function* () {
      for await (const piece of stream()) {
        signal?.throwIfAborted();
        inspector.push(piece);
        if (findings.sentences.length > 0) throw new ImageError(findings.sentences.join("; "));
        yield piece;
      }
      inspector.end();
    };
    await unpackLayer(inspected(), into, { asRoot: true });
  }
  return tree;
}

function identityOf({ User = "" }: RunConfig, tree: FileTree): Identity {
  const findings = new Findings();
  const identity = new Users(findings, tree).identity(User);
  if (identity !== undefined) return identity;
  throw new ImageError(findings.sentences.join("; "));
}

/** The process for a command, as in podman and docker (image-spec, conversion.md), without resource limits. */
function processOf({ Env, WorkingDir }: RunConfig, command: string[], { uid, gids }: Identity): object {
  const [gid, ...additionalGids] = gids;
  const env = Env ?? [];
  const own = uid === 0 ? CAPABILITIES : [];
  return {
    terminal: false,
    user: { uid, gid, additionalGids },
    args: command,
    env: env.some((line) => line.startsWith("PATH=")) ? env : [`PATH=${DEFAULT_PATH}`, ...env],
    cwd: WorkingDir || "/",
    capabilities: { bounding: CAPABILITIES, permitted: own, effective: own },
  };
}

/** Mounts for volumes whose folders the image lacks. */
function volumes({ Volumes }: RunConfig, tree: FileTree): object[] {
  const isMissing = (path: string) => "problem" in tree.resolve(Buffer.from(path).toString("latin1"));
  const missing = Object.keys(Volumes ?? {}).filter(isMissing);
  return missing.map((destination) => ({ destination, type: "tmpfs", source: "tmpfs", options: ["mode=755"] }));
}
