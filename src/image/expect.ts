/** The spec's `expect`, held against an image. The same code fails a build and speaks in `imgc verify`. */
import type { Layer } from "../layer/recipe.ts";
import type { Bound, Expect } from "./image-file.ts";

/** One sentence for each expectation that does not hold. */
export function checkExpect(expect: Expect, layers: Layer[], closure: { path: string }[]): string[] {
  const size = layers.reduce((sum, layer) => sum + layer.diffSize, 0);
  const largest = layers.toSorted((a, b) => b.diffSize - a.diffSize)[0];
  const hint = largest ? `; the largest layer is ${largest.name} with ${largest.diffSize}` : "";
  const failing = (bounds: Bound[], value: number) => bounds.filter((bound) => !holds(value, bound));
  const special = (mask: number) => layers.flatMap((layer) => layer.special).filter(({ mode }) => (mode & mask) !== 0);
  return [
    ...failing(expect.size, size).map((bound) => `expect size ${words(bound)}: it is ${size} bytes${hint}`),
    ...failing(expect.layers, layers.length).map(
      (bound) => `expect layers ${words(bound)}: there are ${layers.length}`,
    ),
    ...layers.flatMap((layer) =>
      failing(expect.layerSize, layer.diffSize).map(
        (bound) => `expect layer-size ${words(bound)}: ${layer.name} has ${layer.diffSize} bytes`,
      ),
    ),
    ...expect.absent.flatMap(({ name, paths }) => {
      const found = closure.find(({ path }) => paths.includes(path) || packageName(path) === name);
      return found ? [`expect absent ${name}: ${found.path} is in the image`] : [];
    }),
    ...expect.present.flatMap(({ name, paths }) =>
      closure.some(({ path }) => paths.includes(path)) ? [] : [`expect present ${name}: it is not in the image`],
    ),
    ...(expect.noSetuid ? special(0o6000).map(({ path, mode }) => `expect no-setuid: ${path} has ${octal(mode)}`) : []),
    ...(expect.noWorldWritable
      ? special(0o002).map(({ path, mode }) => `expect no-world-writable: ${path} has ${octal(mode)}`)
      : []),
  ];
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

/** `hello` of `/nix/store/…-hello-2.10`: up to the first dash that a digit follows, as `builtins.parseDrvName` does. */
function packageName(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/^[^-]*-/, "");
  return name.replace(/-[^A-Za-z].*$/, "");
}
