// A value with places to fill in, in the syntax of the protocol's snippets.
import { isString } from "./expected.ts";
import type { Form } from "../language/types/type.ts";

/** What to write after a setting's name; of several ways to write a value, the first. */
export function snippetOf(form: Form): string {
  let places = 0;
  const place = (): string => `$${(places += 1)}`;

  function parts(of: Form): string[] {
    if (isString(of)) return [`"${place()}"`];
    switch (of.kind) {
      case "named":
        return parts(of.form);
      case "exact":
        return [of.text];
      case "pattern":
        return [place()];
      case "block":
        return [`{\n\t${place()}\n}`];
      case "choice":
        // Words to choose from are offered by completion.
        return of.options.every(startsWithWord) ? [place()] : parts(of.options[0] as Form);
      case "sequence":
        return of.parts.flatMap(parts);
      case "many":
        return [place()];
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
