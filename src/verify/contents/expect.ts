/** Checks the spec's `expect`, in builds and in `imgc verify`. */
import type { Layer } from "../../layer/recipe.ts";
import type { Bound, Expect, Named } from "../../image/image-file.ts";
import { parseDrvName } from "../../store/store-path.ts";

/** The facts about an image that `expect` can constrain. Sizes are uncompressed, in bytes. */
export interface Facts {
  layers: { name: string; size: number }[];
  /** Files and folders that are setuid, setgid or world-writable, except sticky folders. */
  special: { path: string; mode: number }[];
  closure: { path: string }[];
}

/** The facts in recipes; entries of higher layers replace the special files of lower ones. */
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
  const hint = largest ? `; the largest layer is ${largest.name} with ${largest.size} bytes` : "";
  const unmet: Unmet[] = [];
  const add = (at: (string | number)[], expectation: string, found: string) =>
    unmet.push({ at: ["expect", ...at], message: `expect ${expectation}: ${found}` });
  const bounds = (name: string, all: Bound[], value: number, found: string) => {
    for (const [i, bound] of all.entries())
      if (!holds(value, bound)) add([name, i], `${name} ${bound.operator} ${bound.value}`, found);
  };
  bounds("size", expect.size, size, `the image has ${size} bytes${hint}`);
  bounds("layers", expect.layers, layers.length, `the image has ${layers.length}`);
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
      add(["present", i], `present ${labelOf(named)}`, "the image does not contain the package");
  const modes = (name: string, mask: number) => {
    for (const { path, mode } of special)
      if ((mode & mask) !== 0) add([name], name, `${path} has mode ${mode.toString(8).padStart(4, "0")}`);
  };
  if (expect.noSetuid) modes("no-setuid", 0o6000);
  if (expect.noWorldWritable) modes("no-world-writable", 0o002);
  return unmet;
}

/** Whether a store path is an output of the package, in any version. Names of paths end with the output, except for `out`. */
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
