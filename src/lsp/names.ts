/** Finds the declarations and uses of bindings and images. */
import type { Place } from "../diagnostics/diagnostic.ts";
import {
  lookUp,
  lookUpImage,
  type Binding,
  type ImageNode,
  type Module,
  type Span,
  type Term,
} from "../language/index.ts";
import { touches } from "../language/document/place.ts";
import { terms } from "./walk.ts";

/** A binding or an image, identified by the place of its declaration. */
export type Named = ({ kind: "binding"; node: Binding } | { kind: "image"; node: ImageNode }) & { declared: Place };

/** A place where a name stands. The span excludes the `$` or the quotes. */
export interface Occurrence {
  named: Named;
  span: Span;
  declares: boolean;
}

/** The name at an offset. */
export function occurrenceAt(root: Module, offset: number): Occurrence | undefined {
  for (const found of occurrences(root)) if (touches(found.span, offset)) return found;
  return undefined;
}

/** Whether two names have the same declaration. They may come from different checks, so nodes cannot be compared. */
export function isSame(left: Named, right: Named): boolean {
  return (
    left.kind === right.kind &&
    left.declared.file === right.declared.file &&
    left.declared.span.start === right.declared.span.start
  );
}

/** Every name in the text of a file, without its imports. */
export function* occurrences(root: Module): Generator<Occurrence> {
  for (const node of root.bindings.values()) yield { named: bindingName(node), span: node.nameSpan, declares: true };
  for (const node of root.images.values()) {
    const named = imageName(node);
    yield { named, span: named.declared.span, declares: true };
  }
  const found = new Map<string, Named | undefined>();
  const binding = (name: string): Named | undefined => {
    if (!found.has(name)) {
      const node = lookUp(root, name);
      found.set(name, node && bindingName(node));
    }
    return found.get(name);
  };
  for (const term of terms(root.document.settings))
    for (const { name, span } of references(term, root.source.text)) {
      const named = binding(name);
      if (named !== undefined) yield { named, span, declares: false };
    }
  for (const image of root.images.values()) {
    const term = baseName(image);
    const node = term && lookUpImage(root, innerText(term, root.source.text));
    if (term !== undefined && node !== undefined)
      yield { named: imageName(node), span: inner(term, root.source.text), declares: false };
  }
}

function bindingName(node: Binding): Named {
  return { kind: "binding", node, declared: { file: node.module.source.path, span: node.nameSpan } };
}

function imageName(node: ImageNode): Named {
  const { path, text } = node.module.source;
  return { kind: "image", node, declared: { file: path, span: inner(node.nameTerm, text) } };
}

/** The `$name` references in one term. The spans exclude the `$`. */
function references(term: Term, text: string): { name: string; span: Span }[] {
  if (term.kind === "reference") return [{ name: term.name, span: { start: term.span.start + 1, end: term.span.end } }];
  if (term.kind !== "string") return [];
  return term.parts.flatMap((part) => {
    if (part.kind !== "reference") return [];
    const start = text.indexOf("$", part.span.start + 1) + 1;
    return [{ name: part.name, span: { start, end: start + part.name.length } }];
  });
}

/** The string of `base image "…"`. */
function baseName(image: ImageNode): Term | undefined {
  const block = image.setting.values[1];
  if (block?.kind !== "block") return undefined;
  const base = block.settings.find(({ name }) => name.kind === "word" && name.text === "base");
  const [kind, name] = base?.values ?? [];
  return kind?.kind === "word" && kind.text === "image" && name?.kind === "string" ? name : undefined;
}

/** The span between the quotes. */
function inner({ span }: Term, text: string): Span {
  const quote = text.startsWith("''", span.start) ? 2 : 1;
  return { start: span.start + quote, end: Math.max(span.start + quote, span.end - quote) };
}

function innerText(term: Term, text: string): string {
  const { start, end } = inner(term, text);
  return text.slice(start, end);
}
