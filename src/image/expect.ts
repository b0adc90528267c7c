/** The spec's `expect`, held against an image. The same code fails a build and speaks in `imgc verify`. */
import type { Layer } from "../layer/recipe.ts";
import type { Bound, Expect } from "./image-file.ts";

/** One sentence for each expectation that does not hold. */
export function checkExpect(expect: Expect, layers: Layer[], closure: { path: string }[]): string[] {
  const size = layers.reduce((sum, layer) => sum + layer.diffSize, 0);
  const largest = layers.toSorted((a, b) => b.diffSize - a.diffSize)[0];
  const hint = largest ? `; the largest layer is ${largest.name} with ${largest.diffSize}` : "";
  return [
    ...expect.size.flatMap((bound) =>
      holds(size, bound) ? [] : [`expect size ${words(bound)}: it is ${size} bytes${hint}`],
    ),
    ...expect.layers.flatMap((bound) =>
      holds(layers.length, bound) ? [] : [`expect layers ${words(bound)}: there are ${layers.length}`],
    ),
    ...expect.absent.flatMap(({ name, paths }) => {
      const found = closure.find(({ path }) => paths.includes(path) || packageName(path) === name);
      return found ? [`expect absent ${name}: ${found.path} is in the image`] : [];
    }),
  ];
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
