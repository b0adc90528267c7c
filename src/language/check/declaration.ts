/** Finds the declaration that a setting of a file means: `Image` and `var` mean `image` and `let`. */
import { fileSettings } from "../schema/file.ts";
import { synonymsIn } from "../schema/synonyms.ts";
import { nameOf, type Setting, type Source, type Term } from "../syntax/tree.ts";

/** The name of the declaration; for an unknown one, the written name. */
export function declarationOf({ name, values }: Setting): string {
  const written = nameOf(name) ?? "";
  if (Object.hasOwn(fileSettings, written) || name.kind !== "word") return written;
  const [synonym] = synonymsIn(fileSettings, written);
  const [meant, ...inner] = synonym?.kind === "setting" ? synonym.path : [];
  return meant !== undefined && inner.length === 0 && hasForm(meant, values) ? meant : written;
}

/** Whether values have the form of a declaration's values. */
function hasForm(declaration: string, values: readonly Term[]): boolean {
  const [first, second] = values;
  if (declaration === "image") return values.length === 2 && first?.kind === "string" && second?.kind === "block";
  if (declaration === "let" || declaration === "param")
    return values.length === 3 && first?.kind === "word" && second?.kind === "operator" && second.text === "=";
  return values.length === 1;
}

/** Whether a setting at the start of a line is a binding without its `let`, as in `tools = [ hello ]`. */
export function lacksLet({ name, values: [sign, value, ...others] }: Setting, { text }: Source): boolean {
  const line = text.slice(text.lastIndexOf("\n", name.span.start - 1) + 1, name.span.start);
  return (
    line.trim() === "" &&
    name.kind === "word" &&
    !Object.hasOwn(fileSettings, name.text) &&
    sign?.kind === "operator" &&
    sign.text === "=" &&
    value !== undefined &&
    value.kind !== "block" &&
    others.length === 0
  );
}
