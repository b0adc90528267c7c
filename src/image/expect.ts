/** The spec's `expect`, held against an image. The same code fails a build and speaks in `imgc verify`. */
import { parseStoreName } from "./store-name.ts";
import type { Layer } from "../layer/recipe.ts";
import type { Bound, Expect, Named } from "./image-file.ts";

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

/** One sentence for each expectation that does not hold. */
export function checkExpect(expect: Expect, { layers, special, closure }: Facts): string[] {
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  const largest = layers.toSorted((a, b) => b.size - a.size)[0];
  const hint = largest ? `; the largest layer is ${largest.name} with ${largest.size}` : "";
  const failing = (bounds: Bound[], value: number) => bounds.filter((bound) => !holds(value, bound));
  const having = (mask: number) => special.filter(({ mode }) => (mode & mask) !== 0);
  return [
    ...failing(expect.size, size).map((bound) => `expect size ${words(bound)}: it is ${size} bytes${hint}`),
    ...failing(expect.layers, layers.length).map(
      (bound) => `expect layers ${words(bound)}: there are ${layers.length}`,
    ),
    ...layers.flatMap((layer) =>
      failing(expect.layerSize, layer.size).map(
        (bound) => `expect layer-size ${words(bound)}: ${layer.name} has ${layer.size} bytes`,
      ),
    ),
    ...expect.absent.flatMap((named) => {
      const found = closure.find(({ path }) => named.paths.includes(path) || isVersionOf(path, named));
      return found ? [`expect absent ${labelOf(named)}: ${found.path} is in the image`] : [];
    }),
    ...expect.present.flatMap((named) =>
      closure.some(({ path }) => named.paths.includes(path))
        ? []
        : [`expect present ${labelOf(named)}: it is not in the image`],
    ),
    ...(expect.noSetuid ? having(0o6000).map(({ path, mode }) => `expect no-setuid: ${path} has ${octal(mode)}`) : []),
    ...(expect.noWorldWritable
      ? having(0o002).map(({ path, mode }) => `expect no-world-writable: ${path} has ${octal(mode)}`)
      : []),
  ];
}

/** Whether a store path is of the package, in any version. The name of an output but `out` ends the store path's. */
function isVersionOf(path: string, { name, output, others = [] }: Named): boolean {
  const isOutput = (each: string) => path.endsWith(`-${each}`);
  if (parseStoreName(path).name !== name || others.some(isOutput)) return false;
  return output === undefined || output === "out" || isOutput(output);
}

function labelOf({ name, output }: Named): string {
  return output === undefined ? name : `${name}.${output}`;
}

function octal(mode: number): string {
  return `mode ${mode.toString(8).padStart(4, "0")}`;
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

function words({ operator, value }: Bound): string {
  return `${operator} ${value}`;
}
