/** Draws the neighbours of a path in the closure: its users on the left, its references on the right. */
import type { PageData, Navigation } from "./data.ts";
import type { Closure } from "./graph.ts";

const SVG = "http://www.w3.org/2000/svg";
/** The largest number of neighbours to draw on each side. */
const MAX_SHOWN = 8;
const ROW = 26;
const WIDTH = 360;
const COLUMN = 114;

export function neighbours(data: PageData, closure: Closure, path: number, go: Navigation): SVGElement {
  const [users, references] = [closure.users[path] ?? [], closure.references(path)];
  const bySize = (paths: number[]) =>
    paths.toSorted((a, b) => (data.paths[b]?.size ?? 0) - (data.paths[a]?.size ?? 0)).slice(0, MAX_SHOWN);
  const [left, right] = [bySize(users), bySize(references)];
  const hasMore = users.length > MAX_SHOWN || references.length > MAX_SHOWN;
  const rows = ROW * Math.max(1, left.length, right.length) + 8;
  const height = rows + (hasMore ? ROW / 2 : 0);
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "neighbours", role: "group" });
  svg.setAttribute(
    "aria-label",
    `${users.length} users and ${references.length} references of ${data.paths[path]?.name}`,
  );
  const middle = rows / 2;
  const row = (i: number, of: number) => middle + (i - (of - 1) / 2) * ROW;
  const center = (WIDTH - COLUMN) / 2;
  left.forEach((_, i) => svg.append(curve(COLUMN, row(i, left.length), center, middle)));
  right.forEach((_, i) => svg.append(curve(center + COLUMN, middle, WIDTH - COLUMN, row(i, right.length))));
  left.forEach((each, i) => svg.append(node(data, each, 0, row(i, left.length), go)));
  right.forEach((each, i) => svg.append(node(data, each, WIDTH - COLUMN, row(i, right.length), go)));
  svg.append(node(data, path, center, middle, undefined));
  if (users.length > MAX_SHOWN) svg.append(note(`and ${users.length - MAX_SHOWN} smaller`, 0, height - 4));
  if (references.length > MAX_SHOWN)
    svg.append(note(`and ${references.length - MAX_SHOWN} smaller`, WIDTH - COLUMN, height - 4));
  return svg;
}

function node(data: PageData, path: number, x: number, y: number, go: Navigation | undefined): SVGElement {
  const name = data.paths[path]?.name ?? "";
  const group = make("g", { class: go === undefined ? "here" : "there", transform: `translate(${x} ${y - 10})` });
  const title = make("title", {});
  title.textContent = name;
  const label = make("text", { x: "6", y: "13.5" });
  label.textContent = name.length > 16 ? `${name.slice(0, 15)}…` : name;
  group.append(title, make("rect", { width: String(COLUMN), height: "20", rx: "4" }), label);
  if (go !== undefined) {
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button");
    group.addEventListener("click", () => go.path(path));
    group.addEventListener("keydown", (event) => {
      if (!(event instanceof KeyboardEvent) || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      go.path(path);
    });
  }
  return group;
}

function note(text: string, x: number, y: number): SVGElement {
  const made = make("text", { x: String(x + 6), y: String(y), class: "note" });
  made.textContent = text;
  return made;
}

function curve(x1: number, y1: number, x2: number, y2: number): SVGElement {
  const middle = (x1 + x2) / 2;
  return make("path", { d: `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}` });
}

function make(tag: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(SVG, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
