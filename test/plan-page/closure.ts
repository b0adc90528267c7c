/** The plan of an image with this number of paths: an application and its libraries, for tests of the page. */
import type { PlanLayer, PlanView } from "../../src/app/plan-view.ts";
import type { ClosureEntry } from "../../src/image/plan-file.ts";
import { plan } from "../../src/plan/plan.ts";

export function planOf(paths: number, changed = ""): PlanView {
  const pathOf = (i: number) => {
    const isChanged = i === paths - 1 && changed !== "";
    return `/nix/store/${(isChanged ? "z" : "0").repeat(26)}${String(i).padStart(6, "0")}-${i === paths - 1 ? "app" : `lib${i}`}-1.0`;
  };
  const closure = Array.from({ length: paths }, (_, i) => ({
    path: pathOf(i),
    narHash: "",
    narSize: 1000 + ((i * 7919) % 1000) ** 2,
    references:
      i === paths - 1
        ? Array.from({ length: i }, (_reference, j) => pathOf(j))
        : i === 0
          ? []
          : [pathOf(Math.floor(i / 2))],
  }));
  return {
    title: `shop/app:1${changed}`,
    root: "",
    closure,
    layers: plan({ closure, steps: [{ kind: "auto" }], budget: 20 }).map((layer) => storeLayer(layer, closure)),
  };
}

/** A layer of store paths that is not built. */
export function storeLayer({ name, paths }: { name: string; paths: string[] }, closure: ClosureEntry[]): PlanLayer {
  const held = new Set(paths);
  const size = closure.reduce((sum, { path, narSize }) => sum + (held.has(path) ? narSize : 0), 0);
  return { name, paths, size, content: { paths, entries: [], permissions: [] } };
}
