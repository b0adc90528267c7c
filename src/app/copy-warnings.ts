/** Warns of copied files that look like secrets, of copied links into the Nix store, and of copied caches. */
import { openSync, closeSync, readlinkSync, readSync } from "node:fs";
import { basename, resolve } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CopiedEntry } from "../ignore/copied.ts";
import { byteString } from "../ignore/pattern.ts";
import { looksSecret } from "../ignore/secrets.ts";
import type { CheckResult, Spec } from "../language/index.ts";
import type { Copy } from "./copies.ts";

/** The number of names that a warning lists. */
const LISTED = 3;
/** The number of bytes of a PEM file that are searched for a private key. */
const PEM_LIMIT = 65_536;

/** The suspicious files of a copy. */
export interface Suspects {
  /** Paths in the copied folder. */
  secrets: string[];
  storeLinks: string[];
  /** The copied folders, absolute. */
  folders: string[];
}

export function copyWarnings(
  { spec, locate }: Pick<CheckResult, "spec" | "locate">,
  copies: readonly (Copy & Suspects)[],
): Diagnostic[] {
  return copies.flatMap(({ image, path, rules, secrets, storeLinks, folders }) => {
    const caches = cacheFolders(spec, image, rules.within).filter((folder) => folders.includes(folder));
    const place = locate(["files", path], image);
    return [
      ...(secrets.length > 0 ? [diagnostic("copied-secret", place, listed(secrets))] : []),
      ...(storeLinks.length > 0 ? [diagnostic("copied-store-link", place, listed(storeLinks))] : []),
      ...caches.map((folder) => diagnostic("copied-cache", place, { folder })),
    ];
  });
}

function listed(names: string[]): { names: string[]; count: number } {
  return { names: names.slice(0, LISTED), count: names.length };
}

/** Reads links, and files whose names look like secrets. */
export function suspectsIn(source: string, taken: readonly CopiedEntry[]): Suspects {
  const root = byteString(source);
  const names = (kind: CopiedEntry["kind"], isSuspect: (file: string) => boolean): string[] =>
    taken
      .map((entry) => ({ ...entry, file: entry.path === "" ? root : `${root}/${entry.path}` }))
      .filter((entry) => entry.kind === kind && isSuspect(entry.file))
      .map(({ path, file }) => Buffer.from(path === "" ? basename(file) : path, "latin1").toString());
  const folders = taken.flatMap(({ kind, path }) =>
    kind === "directory" ? [`${source}/${Buffer.from(path, "latin1").toString()}`] : [],
  );
  return { secrets: names("file", isSecret), storeLinks: names("link", leadsIntoStore), folders };
}

/** The folders in which builds of the image keep results. */
function cacheFolders(spec: Spec | undefined, image: string, directory: string): string[] {
  const { store = null, binaryCache = null } = spec?.images.find(({ name }) => name === image)?.cache ?? {};
  return [store, binaryCache?.path ?? null].flatMap((path) => (path === null ? [] : resolve(directory, path)));
}

function isSecret(file: string): boolean {
  return looksSecret(basename(file)) && !(file.endsWith(".pem") && isCertificate(file));
}

function isCertificate(path: string): boolean {
  const bytes = Buffer.alloc(PEM_LIMIT);
  const file = openSync(Buffer.from(path, "latin1"), "r");
  try {
    const text = bytes.toString("latin1", 0, readSync(file, bytes));
    return text.includes("-----BEGIN ") && !text.includes("PRIVATE KEY");
  } finally {
    closeSync(file);
  }
}

/** Whether a link leads into a Nix store: `/nix/store`, or a chroot store such as `/somewhere/nix/store`. */
function leadsIntoStore(link: string): boolean {
  return /^\/(?:.*\/)?nix\/store\//s.test(readlinkSync(Buffer.from(link, "latin1"), "latin1"));
}
