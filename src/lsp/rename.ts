/** Renames a binding or an image, in its declaration and in all uses. */
import type { Fix } from "../diagnostics/diagnostic.ts";
import { check, lookUp, lookUpImage, type Module, type Span } from "../language/index.ts";
import { isSame, occurrenceAt, occurrences, type Named } from "./names.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/** Tells the user why a name cannot be changed. */
export class RenameError extends ImgcError {
  constructor(message: string) {
    super(EXIT.findings, message);
  }
}

/** The name at an offset; undefined if there is nothing to rename. */
export function prepareRename(root: Module, offset: number): { span: Span; text: string } | undefined {
  const at = occurrenceAt(root, offset);
  return at && { span: at.span, text: root.source.text.slice(at.span.start, at.span.end) };
}

/** The edits of a rename in the given files. Throws a RenameError if the new name is invalid or already declared. */
export function rename(root: Module, offset: number, newName: string, files: Iterable<Module>): Fix["edits"] {
  const at = occurrenceAt(root, offset);
  if (at === undefined)
    throw new RenameError("only bindings and images can be renamed: put the cursor on the name of a binding or image");
  const { kind } = at.named;
  const name = kind === "binding" ? newName.replace(/^\$/, "") : newName;
  if (!isValid(kind, name))
    throw new RenameError(`\`${name}\` is not a valid name of ${kind === "binding" ? "a binding" : "an image"}`);
  const edits: Fix["edits"] = [];
  for (const module of files) {
    const here = [...occurrences(module)].filter(({ named }) => isSame(named, at.named));
    const existing = kind === "binding" ? lookUp(module, name) : lookUpImage(module, name);
    if (here.length > 0 && existing !== undefined && existing !== at.named.node && !samePlace(existing, at.named))
      throw new RenameError(`\`${name}\` is already declared in ${existing.module.source.path}`);
    for (const { span } of here) edits.push({ file: module.source.path, span, text: name });
  }
  return edits;
}

function samePlace(existing: Named["node"], named: Named): boolean {
  return (
    existing.setting.span.start === named.node.setting.span.start && existing.module.source.path === named.declared.file
  );
}

/** Whether the language accepts a name: a file with only its declaration must have no error. */
function isValid(kind: Named["kind"], name: string): boolean {
  const text = kind === "image" ? `image "${name}" { }` : `let ${name} = 1`;
  const { root, spec } = check({ path: "/name.imgspec", text }, { read: () => undefined, exists: () => false });
  if (kind === "image") return spec !== undefined && root.images.has(name) && root.document.settings.length === 1;
  return spec !== undefined && root.bindings.has(name) && /^[\w-]+$/.test(name);
}
