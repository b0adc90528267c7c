/** The spec's `expect`, held against an image. The same code fails a build and speaks in `imgc verify`. */
import type { Layer } from "../../layer/recipe.ts";
import type { Bound, Expect, Named } from "../../image/image-file.ts";
import { parseDrvName } from "../../store/store-path.ts";

/** What an image is, as far as one can expect something of it. Sizes in bytes, uncompressed. */
export interface Facts {
  layers: { name: string; size: number }[];
  /** Files and folders that are setuid, setgid or, but for sticky folders, writable by everyone. */
  special: { path: string; mode: number }[];
  closure: { path: string }[];
}

/** What recipes say, without what a layer above puts something else in place of. */
export function factsOf(layers: Layer[], closure: { path: string }[]): Facts {
  const special = layers.flatMap((layer, i) => {
    const above = new Set(layers.slice(i + 1).flatMap(({ content }) => content.entries.map(({ path }) => path)));
    return layer.special.filter(({ path }) => !above.has(path));
  });
  return { layers: layers.map(({ name, diffSize }) => ({ name, size: diffSize })), special, closure };
}

/** An unmet expectation; `at`: its path in the image's block. */
export interface Unmet {
  at: (string | number)[];
  message: string;
}

export function checkExpect(expect: Expect, { layers, special, closure }: Facts): Unmet[] {
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  const largest = layers.toSorted((a, b) => b.size - a.size)[0];
  const hint = largest ? `; the largest layer is ${largest.name} with ${largest.size}` : "";
  const unmet: Unmet[] = [];
  const add = (at: (string | number)[], what: string, found: string) =>
    unmet.push({ at: ["expect", ...at], message: `expect ${what}: ${found}` });
  const bounds = (name: string, all: Bound[], value: number, found: string) => {
    for (const [i, bound] of all.entries())
      if (!holds(value, bound)) add([name, i], `${name} ${bound.operator} ${bound.value}`, found);
  };
  bounds("size", expect.size, size, `it is ${size} bytes${hint}`);
  bounds("layers", expect.layers, layers.length, `there are ${layers.length}`);
  for (const layer of layers)
    bounds("layer-size", expect.layerSize, layer.size, `${layer.name} has ${layer.size} bytes`);
  let index = -1;
  for (const named of expect.absent) {
    if (named.wrapped !== true) index += 1;
    const found = closure.find(({ path }) => named.paths.includes(path) || isVersionOf(path, named));
    if (found !== undefined) add(["absent", index], `absent ${labelOf(named)}`, `${found.path} is in the image`);
  }
  for (const [i, named] of expect.present.entries())
    if (!closure.some(({ path }) => named.paths.includes(path)))
      add(["present", i], `present ${labelOf(named)}`, "it is not in the image");
  const modes = (name: string, mask: number) => {
    for (const { path, mode } of special)
      if ((mode & mask) !== 0) add([name], name, `${path} has mode ${mode.toString(8).padStart(4, "0")}`);
  };
  if (expect.noSetuid) modes("no-setuid", 0o6000);
  if (expect.noWorldWritable) modes("no-world-writable", 0o002);
  return unmet;
}

/** Whether a store path is an output of the package, in any version. Outputs except `out` end the path's name. */
function isVersionOf(path: string, { name, output, others = [] }: Named): boolean {
  const isOutput = (each: string) => path.endsWith(`-${each}`);
  if (parseDrvName(path).name !== name || others.some(isOutput)) return false;
  return output === undefined || output === "out" || isOutput(output);
}

function labelOf({ name, output }: Named): string {
  return output === undefined ? name : `${name}.${output}`;
}

function holds(value: number, { operator, value: bound }: Bound): boolean {
  switch (operator) {
    case "<=":
      return value <= bound;
    case "<":
      return value < bound;
    case "==":
      return value === bound;
    case ">=":
      return value >= bound;
    case ">":
      return value > bound;
  }
}
