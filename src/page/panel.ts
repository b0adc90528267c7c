/** The side of the page: the layers of the image, or all that is known of one path. */
import type { PageData } from "./data.ts";
import { bytes, button, counted, element } from "./elements.ts";
import type { Closure } from "./graph.ts";
import { neighbours } from "./neighbours.ts";

/** Neighbours that are listed, largest first; search finds every one. */
const MOST_LINKS = 100;

export interface Go {
  layer: (layer: number) => void;
  path: (path: number) => void;
}

export function imagePanel(data: PageData, pathsOf: number[][], go: Go): Node[] {
  const { plan, auto } = data.expected;
  const isHinted = plan > auto * 1.01;
  const cost = element(
    "p",
    {},
    "The next rebuild is expected to move ",
    element("strong", {}, bytes(plan)),
    isHinted
      ? `. With auto alone it would be ${bytes(auto)}: the other steps cost ${Math.round((plan / auto - 1) * 100)}\u00a0% more.`
      : ".",
  );
  const largest = (layer: number) => data.paths[pathsOf[layer]?.[0] ?? -1]?.name ?? "";
  const rows = data.layers.map(({ step, size, isNew }, i) =>
    element(
      "tr",
      isNew === true ? { class: "new" } : {},
      element("td", { class: "number" }, String(i + 1)),
      element(
        "td",
        {},
        button(step, () => go.layer(i)),
        element("div", { class: "quiet" }, largest(i)),
      ),
      element("td", { class: "number" }, counted(pathsOf[i]?.length ?? 0, "path")),
      element("td", { class: "number" }, bytes(size)),
    ),
  );
  return [
    element("h2", {}, "Layers, deepest first"),
    ...beforeWords(data),
    cost,
    element("table", {}, element("tbody", {}, ...rows)),
  ];
}

function beforeWords({ before, layers }: PageData): Node[] {
  if (before === null) return [];
  const again = layers.filter(({ isNew }) => isNew === true);
  const size = again.reduce((sum, layer) => sum + layer.size, 0);
  return [
    element(
      "p",
      { class: "before" },
      `A client that has ${before.title} (${counted(before.layers, "layer")}, ${bytes(before.size)}) pulls `,
      element("strong", {}, `${counted(again.length, "layer")}, ${bytes(size)}`),
      ` of ${bytes(layers.reduce((sum, layer) => sum + layer.size, 0))} unpacked.`,
    ),
  ];
}

export function pathPanel(data: PageData, closure: Closure, path: number, go: Go): Node[] {
  const node = data.paths[path];
  if (node === undefined) return [];
  const layer = data.layers[node.layer];
  const chain = closure.why(path);
  const links = (paths: number[]) => [
    ...paths
      .toSorted((a, b) => (data.paths[b]?.size ?? 0) - (data.paths[a]?.size ?? 0))
      .slice(0, MOST_LINKS)
      .map((each) => element("li", {}, pathButton(data, each, go), ` ${bytes(data.paths[each]?.size ?? 0)}`)),
    ...(paths.length > MOST_LINKS
      ? [element("li", { class: "quiet" }, `and ${counted(paths.length - MOST_LINKS, "smaller path")}`)]
      : []),
  ];
  const users = closure.users[path] ?? [];
  return [
    element("h2", {}, node.name),
    element("p", { class: "store" }, node.path),
    element(
      "p",
      {},
      `${bytes(node.size)}, with all it refers to ${bytes(closure.closureSize(path))}. `,
      layer === undefined
        ? "It is in the base."
        : button(`Layer ${node.layer + 1}`, () => go.layer(node.layer), { class: "link" }),
      layer === undefined ? "" : `, put there by ${layer.step}.`,
    ),
    element("h3", {}, "Why it is here"),
    chain.length === 1
      ? element("p", {}, "The image names it, or its files do.")
      : element("ol", { class: "chain" }, ...chain.map((each) => element("li", {}, pathButton(data, each, go)))),
    element("h3", {}, "Around it"),
    neighbours(data, closure, path, go),
    element("h3", {}, `Used by ${counted(users.length, "path")}`),
    element("ul", {}, ...links(users)),
    element("h3", {}, `Refers to ${counted(node.references.length, "path")}`),
    element("ul", {}, ...links(node.references)),
    ...(node.files.length === 0 ? [] : [element("h3", {}, `Largest of ${counted(node.files.length, "file")}`)]),
    element("ul", {}, ...node.files.slice(0, 12).map(([name, size]) => element("li", {}, `${name} ${bytes(size)}`))),
  ];
}

function pathButton(data: PageData, path: number, go: Go): HTMLElement {
  return button(data.paths[path]?.name ?? "", () => go.path(path), { class: "link" });
}
