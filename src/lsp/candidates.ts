/** Turns the forms that may come next into the candidates of a completion. */
import type { Module, Span } from "../language/index.ts";
import type { Level } from "../language/document/place.ts";
import { settingName } from "../language/types/setting.ts";
import type { Candidate } from "./candidate.ts";
import { bindings, images } from "./declared.ts";
import { isString, type Expected } from "./expected.ts";
import { settingMarkdown } from "./hover.ts";
import { pathCandidates, type Folders } from "./paths.ts";
import { snippetOf } from "./snippets.ts";
import type { Settings } from "../language/types/type.ts";

/**
 * The folders and package names that completion looks up. `list` and `packages` return nothing for a folder that cannot
 * be read and for a package set that is not loaded.
 */
export interface World extends Folders {
  /** The packages whose attribute paths start with the typed text. */
  packages(typed: string): { path: string; detail: string; doc?: string }[];
}

/** The candidates for forms that may come next. */
export function fill(next: readonly Expected[], span: Span, root: Module, world: World): Candidate[] {
  const { text, path } = root.source;
  return next.flatMap(({ form, names }): Candidate[] => {
    if (form.kind === "exact")
      return /^\w/.test(form.text) ? [{ kind: "word", label: form.text, text: form.text, span }] : [];
    if (names.includes("image-name") && isString(form))
      return images(root).map(({ name, ...rest }) => ({
        kind: "image",
        label: name,
        text: `"${name}"`,
        span,
        ...rest,
      }));
    const typed = text.slice(span.start, span.end);
    switch (names.at(-1)) {
      case "binding":
        return bindings(root).map(({ name, ...rest }) => ({
          kind: "binding",
          label: `$${name}`,
          text: `$${name}`,
          span,
          ...rest,
        }));
      case "path-token":
        return pathCandidates(typed, span, path, world, false);
      case "attribute-path":
        // A new name, such as a user's, has the same form, but no candidates.
        return names.includes("name") ? [] : packages(typed, span, world);
      default:
        return [];
    }
  });
}

function packages(typed: string, span: Span, world: World): Candidate[] {
  return world
    .packages(typed)
    .map(({ path, ...rest }) => ({ kind: "package", label: path, text: path, span, ...rest }));
}

export function settingCandidates({ block, setting: current }: Level, settings: Settings, span: Span): Candidate[] {
  const others = block.settings.filter(({ name }) => name.span.start !== span.start || name !== current?.name);
  const present = new Set(others.map(({ name }) => (name.kind === "word" ? name.text : "")));
  // At the top level of a file, most settings may be repeated, such as `let` and `image`.
  const isFile = !("kind" in block);
  return Object.entries(settings).flatMap(([key, setting]): Candidate[] => {
    const name = settingName(key, setting);
    if (present.has(name) && !setting.many && !isFile) return [];
    const about = { detail: setting.type.label, doc: settingMarkdown(name, setting) };
    return [{ kind: "setting", label: name, text: name, span, snippet: name + snippetOf(setting.type.form), ...about }];
  });
}
