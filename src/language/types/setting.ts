// A setting: its type, what it is when left out, and what to tell people about it.
import type { Setting, Settings, Type } from "./type.ts";

/** The plain value a table of settings stands for. */
export type Infer<S> = { [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

interface About {
  doc: string;
  example: string;
  written?: string;
}

function make<T>(type: Type<unknown>, about: About, rest: Partial<Setting<T>>): Setting<T> {
  const { doc, example, written } = about;
  const fallback = (): T => undefined as T;
  return { type, doc, example, written, fallback, many: false, required: false, ...rest };
}

/** A setting that may be left out. */
export function setting<T>(type: Type<T>, fallback: null, about: About): Setting<T | null>;
export function setting<T>(type: Type<T>, fallback: NoInfer<T>, about: About): Setting<T>;
export function setting<T>(type: Type<T>, fallback: T | null, about: About): Setting<T | null> {
  return make<T | null>(type, about, { fallback: () => fallback });
}

/** A setting whose default follows from the others of its block. */
export function derived<T>(
  type: Type<T>,
  fallback: (read: ReadonlyMap<string, unknown>) => T,
  about: About,
): Setting<T> {
  return make<T>(type, about, { fallback });
}

/** A setting that may be written several times. */
export function many<T>(type: Type<T>, about: About): Setting<T[]> {
  return make<T[]>(type, about, { fallback: () => [], many: true });
}

/** A setting that must be written. */
export function required<T>(type: Type<T>, about: About): Setting<T> {
  return make<T>(type, about, { required: true });
}

/** How a setting of this key is written. */
export function settingName(key: string, of: Setting<unknown>): string {
  return of.written ?? key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The setting that a written name means. */
export function findSetting(settings: Settings, name: string): [string, Setting<unknown>] | undefined {
  return settingsByName(settings).get(name);
}

const tables = new WeakMap<Settings, ReadonlyMap<string, [string, Setting<unknown>]>>();

/** A table by the names its settings are written with; made once. */
export function settingsByName(settings: Settings): ReadonlyMap<string, [key: string, setting: Setting<unknown>]> {
  let table = tables.get(settings);
  if (table === undefined) {
    table = new Map(Object.entries(settings).map(([key, of]) => [settingName(key, of), [key, of]]));
    tables.set(settings, table);
  }
  return table;
}
