// Where a setting stands, for a stage that knows only the Spec.
import type { Place } from "../../diagnostics/diagnostic.ts";
import { nameOf, type Setting, type Span } from "../syntax/tree.ts";
import { lookUpImage, visible, type ImageNode, type Module } from "./module.ts";

/** The place of a setting of the file, or of one of its images, by written names; as near as it was written. */
export function locate(root: Module, path: readonly string[], image?: string): Place {
  if (image === undefined) {
    const module = visible(root).find(({ document }) => named(document.settings, path[0]) !== undefined) ?? root;
    return { file: module.source.path, span: named(module.document.settings, path[0])?.span ?? startOf(module) };
  }
  const node = lookUpImage(root, image);
  if (node === undefined) return { file: root.source.path, span: startOf(root) };
  return { file: node.module.source.path, span: inImage(node, path) };
}

/** The place of a setting of an image; as near as it was written. */
export function inImage(image: ImageNode, path: readonly string[]): Span {
  for (let length = path.length; length > 0; length -= 1) {
    const found = settingIn(image, path.slice(0, length));
    if (found !== undefined) return found.values.some(({ kind }) => kind === "block") ? found.name.span : found.span;
  }
  return image.nameTerm.span;
}

/** A setting of an image, by written names. */
export function settingIn(image: ImageNode, path: readonly string[]): Setting | undefined {
  let setting: Setting | undefined = image.setting;
  for (const name of path)
    setting = setting?.values
      .flatMap((value) => (value.kind === "block" ? (named(value.settings, name) ?? []) : []))
      .at(0);
  return setting;
}

function named(settings: readonly Setting[], name: string | undefined): Setting | undefined {
  return name === undefined ? undefined : settings.find((setting) => nameOf(setting.name) === name);
}

function startOf(module: Module): Place["span"] {
  return { start: 0, end: Math.min(1, module.source.text.length) };
}
