/** Defines settings: their type, default, documentation and example. */
import type { OtherSettings, Setting, Settings, Type } from "./type.ts";

/** The type of the values of a table of settings. */
export type Infer<S> = { [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

interface Documentation {
  doc: string;
  example: string;
  spelling?: string;
}

function make<T>(type: Type<unknown>, about: Documentation, rest: Partial<Setting<T>>): Setting<T> {
  const { doc, example, spelling } = about;
  const fallback = (): T => undefined as T;
  return { type, doc, example, spelling, fallback, many: false, required: false, ...rest };
}

/** An optional setting. */
export function setting<T>(type: Type<T>, fallback: null, about: Documentation): Setting<T | null>;
export function setting<T>(type: Type<T>, fallback: NoInfer<T>, about: Documentation): Setting<T>;
export function setting<T>(type: Type<T>, fallback: T | null, about: Documentation): Setting<T | null> {
  return make<T | null>(type, about, { fallback: () => fallback });
}

/** An optional setting whose default depends on settings that are before it in the table of its block. */
export function derived<T>(type: Type<T>, fallback: (read: OtherSettings) => T, about: Documentation): Setting<T> {
  return make<T>(type, about, { fallback });
}

/** A setting that can be repeated. */
export function many<T>(type: Type<T>, about: Documentation): Setting<T[]> {
  return make<T[]>(type, about, { fallback: () => [], many: true });
}

/** A setting that must be present. */
export function required<T>(type: Type<T>, about: Documentation): Setting<T> {
  return make<T>(type, about, { required: true });
}

/** The name of a setting in the text: its key in kebab case, or `spelling`. */
export function settingName(key: string, of: Setting<unknown>): string {
  return of.spelling ?? key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Finds a setting by its name in the text; returns its key and the setting. */
export function findSetting(settings: Settings, name: string): [string, Setting<unknown>] | undefined {
  return settingsByName(settings).get(name);
}

const tables = new WeakMap<Settings, ReadonlyMap<string, [string, Setting<unknown>]>>();

/** The settings of a table by their names in the text; cached. */
export function settingsByName(settings: Settings): ReadonlyMap<string, [key: string, setting: Setting<unknown>]> {
  let table = tables.get(settings);
  if (table === undefined) {
    table = new Map(Object.entries(settings).map(([key, of]) => [settingName(key, of), [key, of]]));
    tables.set(settings, table);
  }
  return table;
}

/** A setting as text, such as `config { cmd … }`. */
export function settingText(path: readonly string[]): string {
  const [last = "", ...outer] = path.toReversed();
  if (outer.length === 0) return last;
  return outer.reduce((inner, name) => `${name === "image" ? 'image "NAME"' : name} { ${inner} }`, `${last} …`);
}
