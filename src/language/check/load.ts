/** Loads a file and its imports, and collects their declarations. */
import { diagnostic, type Place } from "../../diagnostics/diagnostic.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { synonymsIn } from "../schema/synonyms.ts";
import { settingText } from "../types/setting.ts";
import { fileSettings } from "../schema/file.ts";
import { pathText, reportPath } from "../types/path.ts";
import { integerUnit, limitsText, paramUnits, parseArgument } from "../types/number.ts";
import { termText } from "../types/scalar.ts";
import { describe } from "../types/type.ts";
import { folderOf, resolveIn } from "../../util/absolute-path.ts";
import { parse } from "../document/parse.ts";
import { nameOf, plainText, type Setting, type Source, type Span, type Term } from "../syntax/tree.ts";
import { declarationOf, lacksLet } from "./declaration.ts";
import type { Binding, Module, Session, Host } from "./module.ts";
import { reservedNames } from "./names.ts";
import type { ParamSpec } from "../types/values.ts";
import { scopeOf } from "./scope.ts";

export function load(source: Source, host: Host, session: Session): Module {
  const root = declare(source, session);
  const waiting = [root];
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop())
    waiting.push(...loadImports(module, host, session));
  return root;
}

function declare(source: Source, session: Session): Module {
  const { document, diagnostics } = parse(source);
  session.sources.set(source.path, source);
  for (const found of diagnostics) session.diagnostics.push(found);
  const path = resolveIn("/", source.path);
  const module: Module = {
    source,
    directory: folderOf(path),
    document,
    bindings: new Map(),
    images: new Map(),
    imports: [],
    nixpkgs: undefined,
  };
  session.modules.set(path, module);
  for (const setting of document.settings) declareSetting(setting, module, session);
  return module;
}

function declareSetting(setting: Setting, module: Module, session: Session): void {
  const at = (span: Span) => ({ file: module.source.path, span });
  const name = declarationOf(setting);
  if (name !== (nameOf(setting.name) ?? "")) reportName(setting, name, module, session);
  const expected = Object.hasOwn(fileSettings, name) ? (fileSettings[name]?.type.label ?? "") : "";
  const missing = (): void => {
    const place = at(setting.values.at(-1)?.span ?? setting.name.span);
    session.diagnostics.push(diagnostic("missing-value", place, { name, expected }));
  };
  const tooMany = (from: number): void => {
    const surplus = setting.values[from];
    if (surplus !== undefined)
      session.diagnostics.push(diagnostic("unexpected-value", at(surplus.span), { name, expected }));
  };
  const [first] = setting.values;
  if (name === "let" || name === "param") {
    if (first?.kind !== "word") return missing();
    const binding = bind(name, first.text, first.span, setting, module, session);
    if (binding !== undefined) module.bindings.set(first.text, binding);
    tooMany(3);
  } else if (name === "image") {
    const isBare = first !== undefined && "text" in first && first.kind !== "operator";
    if (first === undefined || (first.kind !== "string" && !isBare) || setting.values[1]?.kind !== "block")
      return missing();
    const text = nameOf(first) ?? termText(first);
    const before = module.images.get(text);
    if (before !== undefined) {
      const related = [{ message: "first defined here", ...at(before.nameTerm.span) }];
      session.diagnostics.push(diagnostic("doubled-image", at(first.span), { name: text }, { related }));
    } else module.images.set(text, { name: text, nameTerm: first, setting, module });
    tooMany(2);
  } else if (name === "nixpkgs") {
    if (first === undefined || first.kind === "block") return missing();
    if (module.nixpkgs === undefined) module.nixpkgs = { place: first, setting };
    else {
      const related = [{ message: "first written here", ...at(module.nixpkgs.place.span) }];
      session.diagnostics.push(diagnostic("doubled-setting", at(setting.name.span), { name }, { related }));
    }
    tooMany(setting.values[1]?.kind === "block" ? 2 : 1);
  } else if (name === "import") {
    if (first === undefined) return missing();
    tooMany(1);
  } else if (lacksLet(setting, module.source)) {
    reportName(setting, `let ${name}`, module, session);
    const meant = { ...setting, values: [setting.name, ...setting.values] };
    const binding = bind("let", name, setting.name.span, meant, module, session);
    // The setting has a diagnostic already; an unused binding would be a second one.
    if (binding !== undefined) module.bindings.set(name, { ...binding, used: true });
  } else {
    const known = Object.keys(fileSettings);
    const [synonym] = setting.name.kind === "word" ? synonymsIn(fileSettings, name) : [];
    const suggestion = synonym === undefined && setting.name.kind === "word" ? suggest(name, known) : undefined;
    const instead = synonym?.kind === "setting" ? { ours: [settingText(synonym.path)] } : { advice: synonym?.advice };
    const parameters = { name: termText(setting.name), owner: "a file", suggestion, known, ...instead };
    const fix = suggestion && {
      title: `write \`${suggestion}\``,
      edits: [{ ...at(setting.name.span), text: suggestion }],
    };
    session.diagnostics.push(
      diagnostic("unknown-setting", at(setting.name.span), parameters, { fix: fix || undefined }),
    );
  }
}

/** Reports the name of a declaration that is read as another one. */
function reportName({ name, values }: Setting, instead: string, { source }: Module, session: Session): void {
  const place = { file: source.path, span: name.span };
  const known = Object.keys(fileSettings);
  const parameters = { name: termText(name), owner: "a file", suggestion: undefined, known, ours: [instead] };
  const fix = { title: `write \`${instead}\``, edits: [{ ...place, text: instead }] };
  // A binding without uses may be something else: a fix would make it an unused binding, which is removed.
  const isUsed = values[0]?.kind !== "operator" || source.text.includes(`$${nameOf(name)}`);
  session.diagnostics.push(diagnostic("unknown-setting", place, parameters, isUsed ? { fix } : { choices: [fix] }));
}

function bind(
  keyword: "let" | "param",
  name: string,
  nameSpan: Span,
  setting: Setting,
  module: Module,
  session: Session,
): Binding | undefined {
  const at = (span: Span) => ({ file: module.source.path, span });
  if (!/^[A-Za-z_][\w-]*$/.test(name) || (keyword === "param" && reservedNames.has(name)))
    session.diagnostics.push(diagnostic("bad-binding-name", at(nameSpan), { name }));
  const before = module.bindings.get(name);
  if (before !== undefined) {
    const related = [{ message: "first defined here", ...at(before.nameSpan) }];
    session.diagnostics.push(diagnostic("doubled-binding", at(nameSpan), { name }, { related }));
    return undefined;
  }
  const binding: Binding = { name, nameSpan, module, setting, meaning: undefined, used: false };
  const value = setting.values[2];
  if (keyword === "param") {
    const param = setting.values.length === 1 ? paramOf(name, undefined) : value && paramOf(name, value);
    if (param !== undefined) {
      reportDoubledParam(name, at(nameSpan), session);
      const argument = session.params.get(name);
      if (argument !== undefined) param.default = parseArgument(param.type, argument) ?? param.default;
      if (typeof param.default === "number" && !Number.isSafeInteger(param.default)) {
        const unit = paramUnits.find(({ type }) => type === param.type) ?? integerUnit;
        const limits = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
        const text = value?.kind === "literal" ? value.text : "";
        const place = at((argument === undefined ? value?.span : undefined) ?? nameSpan);
        const number = argument === undefined ? text : `$${name} = ${argument}`;
        session.diagnostics.push(
          diagnostic("out-of-range", place, { input: number, range: limitsText({ unit, range: limits }) }),
        );
      }
      session.arguments.set(name, param.default);
      binding.meaning = { kind: "param", param };
    } else if (value !== undefined) {
      const parameters = { expected: "a string, an integer, a size or a duration", found: describe(value) };
      session.diagnostics.push(diagnostic("wrong-type", at(value.span), parameters));
    }
  } else if (value !== undefined && value.kind !== "block") binding.meaning = { kind: "let", term: value };
  if (binding.meaning === undefined && value === undefined) {
    const expected = `\`= \` and a value after \`${name}\``.replace("= `", "=`");
    const next = setting.values[1];
    const edit = { ...at({ start: nameSpan.end, end: nameSpan.end }), text: " =" };
    const fix = next === undefined || next.kind === "operator" ? undefined : { title: "add `=`", edits: [edit] };
    session.diagnostics.push(diagnostic("missing-value", at(nameSpan), { name: keyword, expected }, { fix }));
  }
  return binding;
}

/** Parameters become arguments of one Nix function, so their names must be unique in all files together. */
function reportDoubledParam(name: string, place: Place, session: Session): void {
  for (const { bindings } of session.modules.values()) {
    const other = bindings.get(name);
    if (other?.meaning?.kind !== "param") continue;
    const related = [{ message: "first defined here", file: other.module.source.path, span: other.nameSpan }];
    session.diagnostics.push(diagnostic("doubled-binding", place, { name }, { related }));
    return;
  }
}

function paramOf(name: string, value: Term | undefined): ParamSpec | undefined {
  if (value === undefined) return { name, type: "string", default: null };
  const text = plainText(value);
  if (text !== undefined) return { name, type: "string", default: text };
  if (value.kind !== "literal") return undefined;
  for (const unit of paramUnits) {
    const parsed = unit.parse(value.text);
    if (parsed !== undefined) return { name, type: unit.type, default: parsed };
  }
  return undefined;
}

function loadImports(module: Module, host: Host, session: Session): Module[] {
  const fresh: Module[] = [];
  for (const setting of module.document.settings) {
    const [term] = setting.values;
    if (declarationOf(setting) !== "import" || term === undefined) continue;
    const place = { file: module.source.path, span: term.span };
    const text = pathText(term);
    if (text === undefined) {
      if (reportPath(term, scopeOf(module, host, session, new Set()), true)) continue;
      const parameters = { expected: "a path, such as `./common.imgspec`", found: describe(term) };
      session.diagnostics.push(diagnostic("wrong-type", place, parameters));
      continue;
    }
    const path = resolveIn(module.directory, text);
    let imported = session.modules.get(path);
    if (imported === undefined) {
      const content = host.read(path);
      if (content === undefined) {
        session.diagnostics.push(diagnostic("missing-import", place, { input: text }));
        continue;
      }
      imported = declare({ path, text: content }, session);
      fresh.push(imported);
    }
    module.imports.push({ module: imported, span: term.span });
  }
  return fresh;
}
