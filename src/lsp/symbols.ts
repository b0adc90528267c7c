/** The outline of a file, and the search for names in a workspace. */
import { short } from "../diagnostics/entries/entry.ts";
import type { Module, Setting, Span } from "../language/index.ts";

export interface Symbol {
  name: string;
  kind: "image" | "binding" | "setting";
  detail: string;
  /** The whole setting. */
  span: Span;
  nameSpan: Span;
  children: Symbol[];
}

/** Above this number of declarations the outline leaves out their settings: editors are slow with large outlines. */
const MAX_DETAILED = 1000;

/** The bindings and the images of a file, and the settings of each image. */
export function documentSymbols({ document, source: { text } }: Module): Symbol[] {
  const deep = document.settings.length <= MAX_DETAILED;
  return document.settings.flatMap((setting): Symbol[] => {
    const [first, second] = setting.values;
    const keyword = setting.name.kind === "word" ? setting.name.text : "";
    if (first !== undefined && (keyword === "let" || keyword === "param"))
      return [{ ...symbolOf(setting, first.span, text), kind: "binding", detail: keyword, children: [] }];
    if (first !== undefined && keyword === "image") {
      const children =
        deep && second?.kind === "block" ? second.settings.map((inner) => settingSymbol(inner, text)) : [];
      return [{ ...symbolOf(setting, first.span, text), kind: "image", detail: keyword, children }];
    }
    return [];
  });
}

/** Bindings and images whose name contains the query's letters in order, not necessarily adjacent. */
export function workspaceSymbols(files: Iterable<Module>, query: string): (Symbol & { file: string })[] {
  const letters = query.toLowerCase();
  return [...files].flatMap((module) =>
    documentSymbols(module)
      .filter(({ name }) => isSubsequence(letters, name.toLowerCase()))
      .map((symbol) => ({ ...symbol, file: module.source.path })),
  );
}

function settingSymbol(setting: Setting, text: string): Symbol {
  const children = setting.values.flatMap((value) =>
    value.kind === "block" ? value.settings.map((inner) => settingSymbol(inner, text)) : [],
  );
  const values = setting.values
    .filter(({ kind }) => kind !== "block")
    .map(({ span }) => text.slice(span.start, span.end));
  return {
    ...symbolOf(setting, setting.name.span, text),
    kind: "setting",
    detail: short(values.join(" ").trim()),
    children,
  };
}

function symbolOf(setting: Setting, nameSpan: Span, text: string): Pick<Symbol, "name" | "span" | "nameSpan"> {
  const name = text.slice(nameSpan.start, nameSpan.end);
  // Editors reject an outline with an empty name.
  return { name: short(name.replace(/^"(.+)"$/s, "$1").trim()) || "…", span: setting.span, nameSpan };
}

function isSubsequence(letters: string, text: string): boolean {
  let at = 0;
  for (const letter of text) if (letter === letters[at]) at += 1;
  return at >= letters.length;
}
