/** Turns the forms that may come next into the candidates of a completion. */
import type { Module, Span } from "../language/index.ts";
import type { Level } from "../language/document/place.ts";
import { normalized, ROWS, synonymsIn } from "../language/schema/synonyms.ts";
import { settingName } from "../language/types/setting.ts";
import type { Candidate } from "./candidate.ts";
import { bindings, images } from "./declared.ts";
import { isString, type Expected } from "./expected.ts";
import { settingMarkdown } from "./hover.ts";
import { pathCandidates, type Folders } from "./paths.ts";
import { snippetOf } from "./snippets.ts";
import { settingText } from "../language/types/setting.ts";
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

/** The length of the typed text from which on names of other tools are matched: shorter texts match too many. */
export const SYNONYM_LENGTH = 3;

/** `typed`: the text before the cursor. If another tool has a name that starts with this text, our setting is proposed. */
export function settingCandidates(
  { block, setting: current }: Level,
  settings: Settings,
  span: Span,
  typed: string,
): Candidate[] {
  const others = block.settings.filter(({ name }) => name.span.start !== span.start || name !== current?.name);
  const present = new Set(others.map(({ name }) => (name.kind === "word" ? name.text : "")));
  // At the top level of a file, most settings may be repeated, such as `let` and `image`.
  const isFile = !("kind" in block);
  const ours = Object.entries(settings).flatMap(([key, setting]): Candidate[] => {
    const name = settingName(key, setting);
    if (present.has(name) && !setting.many && !isFile) return [];
    const about = { detail: setting.type.label, doc: settingMarkdown(name, setting) };
    return [{ kind: "setting", label: name, text: name, span, snippet: name + snippetOf(setting.type.form), ...about }];
  });
  if (typed.length < SYNONYM_LENGTH) return ours;
  const names = ROWS.flatMap((row) => row.names).filter((name) => normalized(name).startsWith(normalized(typed)));
  const synonyms = [...new Set(names)].flatMap((name) => synonymCandidates(name, settings, ours, span));
  // Our names that start with the text are proposed anyway.
  return [...ours, ...synonyms.filter(({ text }) => !text.startsWith(typed))];
}

/** The candidates for a name of another tool. */
function synonymCandidates(filter: string, settings: Settings, ours: readonly Candidate[], span: Span): Candidate[] {
  return synonymsIn(settings, filter).flatMap((each): Candidate[] => {
    if (each.kind !== "setting" || each.isOuter || each.path[0] === "image") return [];
    const [name = "", ...inner] = each.path;
    const outer = ours.find(({ label }) => label === name);
    if (outer === undefined || inner.length === 0) return outer === undefined ? [] : [{ ...outer, filter }];
    const last = inner.at(-1) ?? "";
    const text = settingText(each.path);
    const snippet = settingText([...each.path.slice(0, -1), `${last}${snippetOf(each.setting.type.form)}`]);
    const about = { detail: each.setting.type.label, doc: settingMarkdown(last, each.setting) };
    return [
      {
        kind: "setting",
        label: text,
        text: text.replace(" …", ""),
        span,
        filter,
        snippet: snippet.replace(" …", ""),
        ...about,
      },
    ];
  });
}
