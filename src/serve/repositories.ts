/**
 * The images of a server. If a path leads to a new build, such as a `result` link, it is read again. The blobs and
 * manifests of the previous build remain, so that a client can finish its pull.
 */
import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isIndexDirectory } from "../image/index-directory.ts";
import { encodeIndex, indexEntry } from "../image/index-entries.ts";
import { tagOfIndex } from "../image/index-tag.ts";
import { readImageDirectory, type ImageDirectory } from "../image/image-directory.ts";
import type { Blob, Document, View } from "./view.ts";
import { ImageError } from "../oci/image-error.ts";
import { sha256 } from "../oci/digest.ts";
import { INDEX_TYPE } from "../oci/media-types.ts";
import { REPOSITORY, TAG } from "../oci/reference.ts";
import { messageOf } from "../util/errors.ts";

export interface Repository {
  tags: Map<string, Document>;
  manifests: Map<string, Document>;
  blobs: Map<string, Blob>;
}

/** The repositories of a server, by name. */
export interface RepositorySource {
  repositories(): Map<string, Repository>;
}

interface Source {
  path: string;
  /** The index directory that contains the image; for an image alone, its own path. */
  group: string;
  /** Identifies the build to which the path led when it was last read. */
  identity: string;
  view: View;
  before: View | undefined;
}

/** The repositories of a server with one image that never changes. */
export function fixedRepositories(view: View): RepositorySource {
  const { repository, tag, manifest, parts, blobs } = view;
  const manifests = new Map([manifest, ...parts].map((each) => [each.digest, each]));
  const only = { tags: new Map([[tag, manifest]]), manifests, blobs };
  return { repositories: () => new Map([[repository, only]]) };
}

export class WatchedRepositories implements RepositorySource {
  readonly #sources: Source[];
  readonly #makeView: (image: ImageDirectory) => View;
  readonly #onReload: (path: string, problem?: string) => void;
  #repositories: Map<string, Repository>;

  constructor(
    paths: string[],
    makeView: (image: ImageDirectory) => View,
    onReload: (path: string, problem?: string) => void = () => {},
  ) {
    this.#makeView = makeView;
    this.#onReload = onReload;
    this.#sources = paths.map((path) => ({
      path,
      group: groupOf(path),
      identity: identity(path),
      view: this.#read(path),
      before: undefined,
    }));
    this.#repositories = arrange(this.#sources);
  }

  /** `name:tag` of each served image. */
  names(): string[] {
    return [...this.#repositories].flatMap(([name, { tags }]) => [...tags.keys()].map((tag) => `${name}:${tag}`));
  }

  /** The repositories by name, after reading changed paths again. */
  repositories(): Map<string, Repository> {
    let changed = false;
    for (const source of this.#sources) changed = this.#refresh(source) || changed;
    if (changed) this.#repositories = arrange(this.#sources);
    return this.#repositories;
  }

  #refresh(source: Source): boolean {
    let now: string;
    try {
      now = identity(source.path);
    } catch {
      return false; // The path may be missing between two builds: keep serving the previous build.
    }
    if (now === source.identity) return false;
    source.identity = now;
    try {
      const view = this.#read(source.path);
      arrange(this.#sources.map((other) => (other === source ? { ...source, view } : other)));
      source.before = source.view;
      source.view = view;
      this.#onReload(source.path);
      return true;
    } catch (error) {
      this.#onReload(source.path, messageOf(error));
      return false;
    }
  }

  #read(path: string): View {
    const view = this.#makeView(readImageDirectory(path));
    if (!new RegExp(`^${REPOSITORY}$`).test(view.repository) || !new RegExp(`^${TAG}$`).test(view.tag)) {
      throw new ImageError(`${path}: "${view.repository}" or "${view.tag}" is not a valid name and tag of a registry`);
    }
    return view;
  }
}

function identity(path: string): string {
  try {
    const { ino, mtimeMs } = statSync(join(path, "manifest.json"));
    return `${realpathSync(path)} ${ino} ${mtimeMs}`;
  } catch (error) {
    throw new ImageError(`cannot read ${path}: ${messageOf(error)}`);
  }
}

function arrange(sources: Source[]): Map<string, Repository> {
  const repositories = new Map<string, Repository>();
  const tagged = new Map<string, Source[]>();
  const tags = new Map([...Map.groupBy(sources, ({ group }) => group)].map(([group, same]) => [group, tagOf(same)]));
  for (const source of sources) {
    const { view, before, group } = source;
    const repository = repositories.get(view.repository) ?? { tags: new Map(), manifests: new Map(), blobs: new Map() };
    repositories.set(view.repository, repository);
    for (const served of before?.repository === view.repository ? [before, view] : [view]) {
      repository.manifests.set(served.manifest.digest, served.manifest);
      for (const [digest, blob] of served.blobs) repository.blobs.set(digest, blob);
    }
    const name = `${view.repository}:${tags.get(group)}`;
    tagged.set(name, [...(tagged.get(name) ?? []), source]);
  }
  for (const [name, same] of tagged) {
    const { view, group } = same[0] as Source;
    const repository = repositories.get(view.repository) as Repository;
    const document = same.length === 1 ? view.manifest : index(name, same);
    repository.manifests.set(document.digest, document);
    repository.tags.set(tags.get(group) as string, document);
  }
  return repositories;
}

function groupOf(path: string): string {
  const folder = dirname(path);
  const outer = dirname(folder);
  return basename(folder) === "images" && isIndexDirectory(outer) ? outer : path;
}

/** The tag of the images of one index directory, or of an image alone. */
function tagOf(sources: Source[]): string {
  const { view } = sources[0] as Source;
  if (sources.length === 1) return view.tag;
  return tagOfIndex(sha256(indexBytes(sources)), { tag: view.tag, digest: view.manifest.digest });
}

function indexBytes(sources: Source[]): Buffer {
  return encodeIndex(sources.map(({ view: { manifest, platform } }) => indexEntry(manifest.bytes, platform)));
}

/** Images with the same name for several platforms, and forms of an image, are served as one index (image-index.md). */
function index(name: string, sources: Source[]): Document {
  const platforms = new Map<string, Source>();
  for (const source of sources) {
    const { path, view, group } = source;
    const platform = JSON.stringify(view.platform);
    const other = platforms.get(platform);
    if (other !== undefined && (other.group !== group || other.path === path)) {
      throw new ImageError(
        `${other.path} and ${path} are both ${name} for ${view.platform.architecture}; build one of them with another tag`,
      );
    }
    platforms.set(platform, source);
  }
  const bytes = indexBytes(sources);
  return { mediaType: INDEX_TYPE, digest: sha256(bytes), bytes };
}
