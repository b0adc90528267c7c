/** Updates the section `layers` of imgc.lock after a build. Returns the last records of the built images. */
import type { LockedLayers } from "../lock/layers.ts";
import { lastRecords, recordBuild, type LockedImage } from "../lock/locked-image.ts";
import { entryOf } from "../lock/pins.ts";
import { platformText } from "../oci/platform.ts";
import type { BuiltSpec } from "./build.ts";
import { readLock, writeLock } from "./lock-file.ts";

export function lockLayers(
  spec: string,
  { images: built, lock: used, sharing }: Pick<BuiltSpec, "images" | "lock" | "sharing">,
): [string, LockedLayers][] {
  const lock = readLock(spec);
  // If an image has several platforms, record the first: package names and versions are mostly the same.
  const first = built.filter(
    ({ image }, i) => built.findIndex((other) => other.image.file.name === image.file.name) === i,
  );
  const layers = first.map(({ image: { file, config, layers: recipes }, inputs }): [string, LockedImage] => {
    const paths = recipes.map(({ content }) => content.paths).filter((held) => held.length > 0);
    const build = {
      platform: platformText(config),
      closure: file.closure,
      layers: paths,
      inputs,
      sharing: sharing?.get(file.name),
    };
    return [file.name, recordBuild(entryOf(lock.layers, file.name) ?? entryOf(used.layers, file.name), build)];
  });
  const next = { ...lock, layers: { ...lock.layers, ...Object.fromEntries(layers) } };
  if (JSON.stringify(next) !== JSON.stringify(lock)) writeLock(spec, next);
  return layers.map(([name, entry]) => [name, lastRecords(entry)]);
}
