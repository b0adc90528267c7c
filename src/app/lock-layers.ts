/** Updates the section `layers` of imgc.lock after a build. Returns the entries of the built images. */
import { nextLock, type LockedLayers } from "../lock/layers.ts";
import type { BuiltImage } from "./build.ts";
import { readLock, writeLock } from "./lock-file.ts";
import { entryOf } from "../lock/pins.ts";

export function lockLayers(spec: string, built: BuiltImage[]): [string, LockedLayers][] {
  const lock = readLock(spec);
  const images = built.map(({ image }) => image);
  // If an image has several platforms, record the first: package names and versions are mostly the same.
  const first = images.filter(({ file }, i) => images.findIndex((other) => other.file.name === file.name) === i);
  const layers = first.map(({ file, layers: recipes }): [string, LockedLayers] => {
    const paths = recipes.map(({ content }) => content.paths).filter((held) => held.length > 0);
    return [file.name, nextLock(entryOf(lock.layers, file.name), file.closure, paths)];
  });
  const next = { ...lock, layers: { ...lock.layers, ...Object.fromEntries(layers) } };
  if (JSON.stringify(next) !== JSON.stringify(lock)) writeLock(spec, next);
  return layers;
}
