/** Warns of copied files that look like secrets, of copied links into the Nix store, and of copied caches. */
import { openSync, closeSync, readlinkSync, readSync } from "node:fs";
import { basename, resolve } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { copiedOf, type CopiedEntry } from "../ignore/copied.ts";
import { byteString } from "../ignore/pattern.ts";
import { looksSecret } from "../ignore/secrets.ts";
import type { CheckResult, ImageSpec } from "../language/index.ts";
import { copiesOf, type Copy } from "./copies.ts";

/** The number of names that a warning lists. */
const LISTED = 3;
/** The number of bytes of a PEM file that are searched for a private key. */
const PEM_LIMIT = 65_536;

export interface Suspects {
  secrets: string[];
  storeLinks: string[];
  /** The copied folders, absolute. */
  folders: string[];
}

/** `find`: lists the suspicious files of a copy by their names in the copied folder. */
export function copyWarnings({ spec, locate }: Pick<CheckResult, "spec" | "locate">, find = suspects): Diagnostic[] {
  return (spec?.images ?? []).flatMap((image) =>
    copiesOf(image).flatMap((copy) => {
      const { secrets, storeLinks, folders } = find(copy);
      const caches = cacheFolders(image, copy.rules.within).filter((folder) => folders.includes(folder));
      const place = locate(["files", copy.path], image.name);
      return [
        ...(secrets.length > 0 ? [diagnostic("copied-secret", place, listed(secrets))] : []),
        ...(storeLinks.length > 0 ? [diagnostic("copied-store-link", place, listed(storeLinks))] : []),
        ...caches.map((folder) => diagnostic("copied-cache", place, { folder })),
      ];
    }),
  );
}

function listed(names: string[]): { names: string[]; count: number } {
  return { names: names.slice(0, LISTED), count: names.length };
}

function suspects({ source, rules }: Copy): Suspects {
  let taken: CopiedEntry[];
  try {
    ({ taken } = copiedOf(source, rules));
  } catch {
    // Nix reports unreadable files.
    return { secrets: [], storeLinks: [], folders: [] };
  }
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
function cacheFolders({ cache }: ImageSpec, directory: string): string[] {
  return [cache.store, cache.binaryCache?.path ?? null].flatMap((path) =>
    path === null ? [] : resolve(directory, path),
  );
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
