/** Sorts images so that each comes after its base, and reports unknown and cyclic bases. */
import { diagnostic } from "../../diagnostics/diagnostic.ts";
import type { ImageSpec } from "../schema/spec.ts";
import type { Span } from "../syntax/tree.ts";
import { reportCycle } from "./bindings.ts";
import { findCycles } from "./cycles.ts";
import { lookUpImage, similarName, type ImageNode, type Module, type Session } from "./module.ts";

/**
 * The images of the checked file, in the order of the text, but each after its base. An imported image is included only
 * if another image is based on it.
 */
export function orderImages(root: Module, read: ReadonlyMap<ImageNode, ImageSpec>, session: Session): ImageSpec[] {
  const base = (image: ImageNode): ImageNode | undefined => {
    const spec = read.get(image);
    return spec?.base.kind === "image" ? lookUpImage(image.module, spec.base.name) : undefined;
  };
  for (const [image, spec] of read) {
    if (spec.base.kind !== "image" || base(image) !== undefined) continue;
    const place = { file: image.module.source.path, span: baseSpan(image) };
    const suggestion = similarName(image.module, "images", spec.base.name, session);
    const fix = suggestion && { title: `write "${suggestion}"`, edits: [{ ...place, text: `"${suggestion}"` }] };
    session.diagnostics.push(
      diagnostic("unknown-image", place, { name: spec.base.name, suggestion }, { fix: fix || undefined }),
    );
  }
  const cycles = findCycles(read.keys(), (image) => {
    const to = base(image);
    return to === undefined ? [] : [{ to, edge: baseSpan(image) }];
  });
  for (const cycle of cycles) {
    const places = cycle.map(({ node, edge }) => ({
      file: node.module.source.path,
      span: edge,
      name: node.name,
    }));
    reportCycle(places, "base", session);
  }
  const ordered = new Set<ImageNode>();
  for (const image of root.images.values()) {
    const chain: ImageNode[] = [];
    const seen = new Set<ImageNode>();
    for (let at: ImageNode | undefined = image; at !== undefined && !ordered.has(at) && !seen.has(at); at = base(at)) {
      seen.add(at);
      chain.push(at);
    }
    for (const each of chain.toReversed()) ordered.add(each);
  }
  return [...ordered].flatMap((image) => read.get(image) ?? []);
}

/**
 * An image and its chain of bases. The chain ends at a base that is not an image of the files, or that could not be
 * read.
 */
export function chainOf(image: ImageNode, read: ReadonlyMap<ImageNode, ImageSpec>): ImageSpec[] {
  const chain = new Set<ImageSpec>();
  let at: ImageNode | undefined = image;
  // A cycle of bases ends at the first image that is already in the chain. A chain of 128 images would exceed the limit
  // of layers anyway.
  for (
    let spec = read.get(image);
    spec !== undefined && !chain.has(spec) && chain.size < 128;
    spec = at && read.get(at)
  ) {
    chain.add(spec);
    at = at && spec.base.kind === "image" ? lookUpImage(at.module, spec.base.name) : undefined;
  }
  return [...chain];
}

function baseSpan(image: ImageNode): Span {
  const block = image.setting.values[1];
  const settings = block?.kind === "block" ? block.settings : [];
  const setting = settings.find((each) => each.name.kind === "word" && each.name.text === "base");
  return setting?.values.at(-1)?.span ?? image.setting.name.span;
}
