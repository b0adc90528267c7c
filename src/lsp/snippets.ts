/** Makes snippets of values: text with placeholders in the protocol's syntax. */
import { isString } from "./expected.ts";
import type { Form } from "../language/types/type.ts";

/** The snippet to insert after a setting's name. If a value has several forms, it is made from the first form. */
export function snippetOf(form: Form): string {
  let placeholders = 0;
  const placeholder = (): string => `$${(placeholders += 1)}`;

  function parts(of: Form): string[] {
    if (isString(of)) return [`"${placeholder()}"`];
    switch (of.kind) {
      case "named":
        return parts(of.form);
      case "exact":
        return [of.text];
      case "pattern":
        return [placeholder()];
      case "block":
        return [`{\n\t${placeholder()}\n}`];
      case "choice":
        // Completion offers the words at the placeholder.
        return of.options.every(startsWithWord) ? [placeholder()] : parts(of.options[0] as Form);
      case "sequence":
        return of.parts.flatMap(parts);
      case "many":
        return [placeholder()];
      case "optional":
        return [];
    }
  }

  return parts(form)
    .map((part) => ` ${part}`)
    .join("");
}

function startsWithWord(form: Form): boolean {
  if (form.kind === "sequence") return form.parts[0] !== undefined && startsWithWord(form.parts[0]);
  if (form.kind === "named") return startsWithWord(form.form);
  return form.kind === "exact" && /^\w/.test(form.text);
}
