/** Finds cycles of imports and of bindings, and marks used bindings. */
import { diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Term } from "../syntax/tree.ts";
import { findCycles } from "./cycles.ts";
import { lookUp, visible, type Binding, type Module, type Session } from "./module.ts";

/** Reports cycles of imports and bindings; returns the bindings that are part of a cycle. */
export function reportCycles(root: Module, session: Session): Set<Binding> {
  const modules = visible(root);
  const imports = findCycles(modules, (module) => module.imports.map((each) => ({ to: each.module, edge: each.span })));
  for (const cycle of imports) {
    const places = cycle.map(({ node, edge }) => ({ file: node.source.path, span: edge, name: node.source.path }));
    reportCycle(places, "import", session);
  }
  const uses = (binding: Binding) =>
    binding.meaning?.kind !== "let"
      ? []
      : references(binding.meaning.term).flatMap(({ name, span }) => {
          const to = lookUp(binding.module, name);
          return to === undefined ? [] : [{ to, edge: span }];
        });
  const cyclic = new Set<Binding>();
  const all = modules.flatMap((module) => [...module.bindings.values()]);
  for (const cycle of findCycles(all, uses)) {
    for (const { node } of cycle) {
      cyclic.add(node);
      node.used = true;
    }
    const places = cycle.map(({ node, edge }) => ({
      file: node.module.source.path,
      span: edge,
      name: `$${node.name}`,
    }));
    reportCycle(places, "binding", session);
  }
  for (const binding of all)
    for (const { to } of uses(binding)) if (!cyclic.has(binding) || cyclic.has(to)) to.used = true;
  return cyclic;
}

/** Reports a cycle at its first place. The related places are all places of the cycle. */
export function reportCycle(
  places: { file: string; span: { start: number; end: number }; name: string }[],
  what: "import" | "binding" | "base",
  session: Session,
): void {
  const [first] = places;
  if (first === undefined) return;
  const names = places.map(({ name }) => name);
  const related = places.map(({ file, span, name }, index) => ({
    file,
    span,
    message: `\`${name}\` depends on \`${names[(index + 1) % names.length] ?? ""}\``,
  }));
  session.diagnostics.push(diagnostic("cycle", first, { what, names: [...names, names[0] ?? ""] }, { related }));
}

function references(term: Term): { name: string; span: { start: number; end: number } }[] {
  if (term.kind === "reference") return [{ name: term.name, span: term.span }];
  if (term.kind === "list") return term.items.flatMap(references);
  if (term.kind !== "string") return [];
  return term.parts.flatMap((part) => (part.kind === "reference" ? [{ name: part.name, span: part.span }] : []));
}
