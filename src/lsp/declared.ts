/** Lists the names that a file can use: its own bindings and images, and those of its imports. */
import { short } from "../diagnostics/entries/entry.ts";
import { visible, type Module, type Span } from "../language/index.ts";

export interface Declared {
  name: string;
  /** The value or declaration, on one line. */
  detail: string;
}

export function bindings(root: Module): Declared[] {
  return declared(
    root,
    (module) => module.bindings,
    ({ setting }) => setting.values[2]?.span ?? setting.span,
  );
}

export function images(root: Module): Declared[] {
  return declared(
    root,
    (module) => module.images,
    ({ setting }) => setting.name.span,
  );
}

/** Lists each name once. As in `lookUp`, the file's own declarations come before imported ones. */
function declared<D>(root: Module, of: (module: Module) => Map<string, D>, detailSpan: (item: D) => Span): Declared[] {
  const found = new Map<string, Declared>();
  for (const module of visible(root))
    for (const [name, item] of of(module)) {
      const { start, end } = detailSpan(item);
      const detail = short(module.source.text.slice(start, end));
      if (!found.has(name)) found.set(name, { name, detail });
    }
  return [...found.values()];
}
