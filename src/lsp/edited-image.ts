/** Reads an image again after an edit inside its block, without the rest of its file. */
import {
  parse,
  STRUCTURAL,
  type BlockTerm,
  type CheckResult,
  type Module,
  type Nixpkgs,
  type Setting,
} from "../language/index.ts";

/** An image after an edit, as a module without other declarations. */
export interface EditedImage {
  /** The text of the image is the source of this module. The module imports the file before the edit. */
  root: Module;
  nixpkgs: Nixpkgs;
  /** The offset of the image in its file. */
  start: number;
}

/**
 * Reads the image whose block contains an offset, if a file differs from an earlier text only inside this block.
 * Undefined if there is no such image, or if brackets or strings in one of the texts are wrong: then the edit may change
 * the declarations after the image.
 */
export function editedImage(before: CheckResult, text: string, offset: number): EditedImage | undefined {
  const { root, nixpkgs, diagnostics } = before;
  const { path, text: old } = root.source;
  if (diagnostics.some(({ code, file }) => STRUCTURAL.has(code) && file === path)) return undefined;
  const changed = commonStart(old, text);
  const unchanged = commonEnd(old, text, changed);
  const setting = root.document.settings.findLast(({ span }) => span.start < changed);
  const block = blockOf(setting, old);
  if (setting === undefined || block === undefined) return undefined;
  const { start } = setting.span;
  const end = block.span.end + text.length - old.length;
  const isInside = block.span.start < changed && old.length - unchanged < block.span.end;
  if (!isInside || offset <= block.span.start || offset >= end) return undefined;
  const source = { path, text: text.slice(start, end) };
  const { document, diagnostics: found } = parse(source);
  const [only, other] = document.settings;
  const isWhole = other === undefined && blockOf(only, source.text)?.span.end === source.text.length;
  if (!isWhole || found.some(({ code }) => STRUCTURAL.has(code))) return undefined;
  const imports = [{ module: root, span: document.span }];
  const image: Module = { ...root, source, document, bindings: new Map(), images: new Map(), imports };
  return { root: image, nixpkgs, start };
}

/** The block of an image, if no brace of this block is missing. */
function blockOf(setting: Setting | undefined, text: string): BlockTerm | undefined {
  const block = setting?.values[1];
  if (setting?.name.kind !== "word" || setting.name.text !== "image" || block?.kind !== "block") return undefined;
  return text[block.span.start] === "{" && text[block.span.end - 1] === "}" ? block : undefined;
}

/** The number of characters with which both texts start. */
function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}

/** The number of characters with which both texts end, after `start` characters. */
function commonEnd(a: string, b: string, start: number): number {
  const limit = Math.min(a.length, b.length) - start;
  let length = 0;
  while (length < limit && a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length)) length++;
  return length;
}
