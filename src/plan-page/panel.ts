/** The panel of the page: the layers of the image, the paths of a layer, the details of a path, or the result of a search. */
import type { Navigation, PageCost, PageData, PageLayer, PagePath } from "./data.ts";
import { button, quantity, element } from "./elements.ts";
import type { Closure } from "./graph.ts";
import { neighbours } from "./neighbours.ts";
import { layerName, percent } from "./scene.ts";
import { fileCount, similarNames, type Found } from "./search.ts";
import { printableLine } from "../util/printable.ts";
import { sizeText } from "../util/quantities.ts";

/** The largest number of paths in a list, which shows the largest paths first. The search finds all paths. */
const MAX_LINKS = 100;

export function imagePanel(data: PageData, pathsOf: number[][], go: Navigation): Node[] {
  const { plan, auto } = data.expected;
  const isHinted = plan > auto * 1.01;
  const cost = element(
    "p",
    {},
    "Clients are expected to pull ",
    element("strong", {}, sizeText(Math.round(plan))),
    " after the next rebuild: the sum of size × chance over all layers.",
    isHinted
      ? ` With auto alone it would be ${sizeText(Math.round(auto))}: the other steps cost ${Math.round((plan / auto - 1) * 100)}\u00a0% more.`
      : "",
  );
  return [
    element("h2", {}, "Layers, deepest first"),
    ...beforeWords(data),
    cost,
    estimate(),
    layerTable(data, pathsOf, go),
  ];
}

function estimate(): HTMLElement {
  return element(
    "details",
    {},
    element("summary", {}, "How the chance is estimated"),
    element(
      "p",
      {},
      "A store path changes if it or a path in its closure changes, and a layer changes if one of its paths does. The ",
      "chance is a mean over imagined rebuilds: from a change of the application alone, up to a new release of the ",
      "package set. A path belongs to the application if its closure has most of the bytes, or if no path refers to it. ",
      "Changes that imgc.lock records are not counted here. A layer explains its chance when you select it.",
    ),
  );
}

const COLUMNS = ["#", "Layer", "Size", "Chance", "Expected"];

function layerTable(data: PageData, pathsOf: number[][], go: Navigation): HTMLElement {
  const rows = data.layers.map((layer, i) => {
    const { step, size, isNew, cost } = layer;
    const isFiles = data.paths[pathsOf[i]?.[0] ?? -1]?.path === "";
    const about = isFiles ? step : `${step}, ${quantity(pathsOf[i]?.length ?? 0, "path")}`;
    const name = layerName(layer, 2);
    return element(
      "tr",
      isNew === true ? { class: "new" } : {},
      element("td", { class: "number" }, String(i + 1)),
      element(
        "td",
        {},
        button(name, () => go.layer(i), { class: "name", title: name }),
        element("div", { class: "quiet" }, cost === null ? "of the base" : about),
      ),
      number(sizeText(size), ...(isNew === true ? [element("div", {}, "pulled again")] : [])),
      number(...(cost === null ? ["base"] : [element("span", { class: `swatch layer-${i}` }), percent(cost.chance)])),
      number(cost === null ? "" : sizeText(Math.round(cost.expected))),
    );
  });
  const head = COLUMNS.map((name, i) => element("th", { scope: "col", ...(i === 1 ? {} : { class: "number" }) }, name));
  return element(
    "table",
    { "aria-label": "Layers" },
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
}

function number(...children: (Node | string)[]): HTMLElement {
  return element("td", { class: "number" }, ...children);
}

function beforeWords({ before, layers }: PageData): Node[] {
  if (before === null) return [];
  const again = layers.filter(({ isNew }) => isNew === true);
  const total = (of: typeof layers, size: "size" | "packed") => of.reduce((sum, layer) => sum + (layer[size] ?? 0), 0);
  const isBuilt = layers.every(({ packed }) => packed !== null);
  const unpacked = `${sizeText(total(again, "size"))} of ${sizeText(total(layers, "size"))}`;
  const packed = `${sizeText(total(again, "packed"))} of ${sizeText(total(layers, "packed"))} (unpacked ${unpacked})`;
  return [
    element(
      "p",
      { class: "before" },
      `A client that has ${before.title} (${quantity(before.layers, "layer")}, ${sizeText(before.size)}) pulls `,
      element("strong", {}, quantity(again.length, "layer")),
      `, ${isBuilt ? packed : `${unpacked} unpacked`}.`,
    ),
  ];
}

export function layerPanel(data: PageData, layer: number, paths: number[], go: Navigation): Node[] {
  const described = data.layers[layer];
  if (described === undefined) return [];
  const { step, size, packed, isNew } = described;
  const words = packed === null ? `${sizeText(size)}. ` : `${sizeText(size)}, ${sizeText(packed)} to pull. `;
  return [
    element("h2", {}, `Layer ${layer + 1}: ${layerName(described, 3)}`),
    element("p", {}, words, `Made by the step ${step}.`),
    ...(data.before === null || isNew === null ? [] : [pullWords(data.before.title, isNew, paths, data)]),
    ...chanceWords(data, described, go),
    element("h3", {}, "Largest first"),
    pathList(data, paths, go),
  ];
}

/** The number of named application paths in an explanation. */
const MAX_NAMED = 3;

/** Explains the chance that the next rebuild changes the layer. */
function chanceWords(data: PageData, { cost }: PageLayer, go: Navigation): Node[] {
  if (cost === null)
    return [
      element("h3", {}, "Pulled again only with the base"),
      element(
        "p",
        {},
        "This layer belongs to the base. It changes if you update the base, which the estimate leaves out.",
      ),
    ];
  const { chance, expected } = cost;
  const reasons = [...applicationReason(data, cost, go), contentReason(cost)];
  return [
    element("h3", {}, `Chance of being pulled again: ${percent(chance)}`),
    element("ul", { class: "reasons" }, ...reasons.map((reason) => element("li", {}, ...reason))),
    element(
      "p",
      {},
      `It adds ${sizeText(Math.round(expected))} to the ${sizeText(Math.round(data.expected.plan))} that clients are expected to pull after the next rebuild.`,
    ),
  ];
}

function applicationReason(data: PageData, { application }: PageCost, go: Navigation): (Node | string)[][] {
  if (application.length === 0) return [];
  const named = application
    .slice(0, MAX_NAMED)
    .flatMap((path, i) => [...(i === 0 ? [] : [", "]), pathButton(data, path, go)]);
  const others = application.length - MAX_NAMED;
  const rest = others > 0 ? ` and ${quantity(others, "more path")} of the application.` : ".";
  return [["A rebuild of the application alone changes it, because it has ", ...named, rest]];
}

function contentReason({ content, causes }: PageCost): string[] {
  const paths = quantity(causes, "store path");
  switch (content) {
    case "store":
      return [`It changes if any of ${paths} changes: its own paths, and their closures.`];
    case "database":
      return [`It has the Nix database, which changes if any of the image's ${paths} changes.`];
    case "copies":
      return ["It has files that the image copies. The estimate assumes that every rebuild changes them."];
    case "files": {
      const change = "Its files are not copied: they change if the description does";
      return causes === 0
        ? [`${change}.`]
        : [`${change}, or if any of ${paths} changes: those to which the files refer, and their closures.`];
    }
  }
}

function pullWords(before: string, isNew: boolean, paths: number[], data: PageData): HTMLElement {
  const changed = paths.filter((path) => data.paths[path]?.isNew === true);
  const because =
    changed.length > 0
      ? `: ${quantity(changed.length, "path")} of it ${changed.length === 1 ? "is" : "are"} new.`
      : ": its paths were in other layers, or its files differ.";
  const text = isNew ? element("strong", {}, "pulls it again") : "has it";
  return element("p", { class: "before" }, `A client that has ${before} `, text, isNew ? because : ".");
}

export function foundWords(found: Found): string {
  return `${quantity(found.paths.length, "path")}, ${quantity(fileCount(found), "file")}`;
}

export function foundPanel(data: PageData, found: Found, words: string, go: Navigation): Node[] {
  const { paths, files, isFound } = found;
  const holders = [...files].toSorted(([, a], [, b]) => b - a);
  const holder = ([path, count]: [number, number]) => {
    const [first = ""] = data.paths[path]?.files.find(([name]) => isFound(name)) ?? [];
    const more = count === 1 ? "" : ` and ${count - 1} more`;
    return element(
      "li",
      {},
      pathButton(data, path, go),
      element("div", { class: "quiet" }, `${printableLine(first)}${more}`),
    );
  };
  if (paths.length === 0 && files.size === 0) return nothingFound(data, words, go);
  return [
    element("h2", {}, foundWords(found)),
    pathList(data, paths, go),
    ...(holders.length === 0 ? [] : [element("h3", {}, `Files in ${quantity(holders.length, "path")}`)]),
    element("ul", {}, ...holders.slice(0, MAX_LINKS).map(holder)),
  ];
}

function nothingFound(data: PageData, words: string, go: Navigation): Node[] {
  const similar = similarNames(data, words).map((name) =>
    element(
      "li",
      {},
      button(printableLine(name), () => go.search(name), { class: "link" }),
    ),
  );
  return [
    element("h2", {}, "Nothing found"),
    element("p", {}, `No path or file has “${printableLine(words)}” in its name.`),
    ...(similar.length > 0
      ? [element("h3", {}, "Similar names"), element("ul", {}, ...similar)]
      : [element("p", {}, "Search for a part of a package's name, of a hash, or of a file's name.")]),
  ];
}

export function pathPanel(data: PageData, closure: Closure, path: number, go: Navigation): Node[] {
  const node = data.paths[path];
  if (node === undefined) return [];
  const layer = data.layers[node.layer];
  const chain = closure.why(path);
  const users = closure.users[path] ?? [];
  const place = [
    layer === undefined
      ? "It is in the base."
      : button(`Layer ${node.layer + 1}`, () => go.layer(node.layer), { class: "link" }),
    layer === undefined ? "" : `, made by the step ${layer.step}.`,
  ];
  const files = fileList(node);
  if (node.path === "")
    return [element("h2", {}, node.name), element("p", {}, `${sizeText(node.size)}. `, ...place), ...files];
  return [
    element("h2", {}, node.name),
    element("p", { class: "store" }, node.path),
    element("p", {}, `${sizeText(node.size)}, with its closure ${sizeText(closure.closureSize(path))}. `, ...place),
    ...(node.isNew === true && data.before !== null
      ? [element("p", {}, `${data.before.title} does not contain this path.`)]
      : []),
    element("h3", {}, "Why it is here"),
    chain.length === 1
      ? element("p", {}, "The image or its files refer to it directly.")
      : element("ol", { class: "chain" }, ...chain.map((each) => element("li", {}, pathButton(data, each, go)))),
    element("h3", {}, "Users and references"),
    neighbours(data, closure, path, go),
    element("h3", {}, `Used by ${quantity(users.length, "path")}`),
    pathList(data, users, go),
    element("h3", {}, `Refers to ${quantity(node.references.length, "path")}`),
    pathList(data, node.references, go),
    ...files,
  ];
}

function fileList({ files }: PagePath): Node[] {
  const line = ([name, size]: [string, number]) => element("li", {}, `${printableLine(name)} ${sizeText(size)}`);
  return [
    ...(files.length === 0 ? [] : [element("h3", {}, `Largest of ${quantity(files.length, "file")}`)]),
    element("ul", {}, ...files.slice(0, 12).map(line)),
  ];
}

function pathList(data: PageData, paths: number[], go: Navigation): HTMLElement {
  const mark = (each: number) => (data.paths[each]?.isNew === true ? ", new" : "");
  const rest = paths.length - MAX_LINKS;
  return element(
    "ul",
    {},
    ...paths
      .toSorted((a, b) => (data.paths[b]?.size ?? 0) - (data.paths[a]?.size ?? 0))
      .slice(0, MAX_LINKS)
      .map((each) =>
        element("li", {}, pathButton(data, each, go), ` ${sizeText(data.paths[each]?.size ?? 0)}${mark(each)}`),
      ),
    ...(rest > 0 ? [element("li", { class: "quiet" }, `and ${quantity(rest, "smaller path")}`)] : []),
  );
}

function pathButton(data: PageData, path: number, go: Navigation): HTMLElement {
  return button(data.paths[path]?.name ?? "", () => go.path(path), { class: "link" });
}
