// Where a setting stands, for a stage that knows only the Spec.
import type { Place } from "../../diagnostics/diagnostic.ts";
import type { Setting } from "../syntax/tree.ts";
import { lookUpImage, visible, type Module } from "./module.ts";

/** The place of a setting of the file, or of one of its images, by written names; as near as it was written. */
export function locate(root: Module, path: readonly string[], image?: string): Place {
  if (image === undefined) {
    const module = visible(root).find(({ document }) => named(document.settings, path[0]) !== undefined) ?? root;
    return { file: module.source.path, span: named(module.document.settings, path[0])?.span ?? startOf(module) };
  }
  const node = lookUpImage(root, image);
  if (node === undefined) return { file: root.source.path, span: startOf(root) };
  let span = node.nameTerm.span;
  let { values } = node.setting;
  for (const name of path) {
    const found = values.flatMap((value) => (value.kind === "block" ? (named(value.settings, name) ?? []) : [])).at(0);
    if (found === undefined) break;
    ({ values } = found);
    span = values.some((value) => value.kind === "block") ? found.name.span : found.span;
  }
  return { file: node.module.source.path, span };
}

function named(settings: readonly Setting[], name: string | undefined): Setting | undefined {
  return settings.find((setting) => setting.name.kind === "word" && setting.name.text === name);
}

function startOf(module: Module): Place["span"] {
  return { start: 0, end: Math.min(1, module.source.text.length) };
}
