/**
 * The catalogue of all diagnostics. Types are derived from it: a wrong code, or wrong parameters of a message, do not
 * compile.
 */
import { bracketEntries } from "./entries/brackets.ts";
import { buildEntries } from "./entries/builds.ts";
import { nameEntries } from "./entries/names.ts";
import { settingEntries } from "./entries/settings.ts";
import { valueEntries } from "./entries/values.ts";

export const catalogue = { ...bracketEntries, ...settingEntries, ...valueEntries, ...nameEntries, ...buildEntries };

/** The stable name of a diagnostic. */
export type Code = keyof typeof catalogue;

/** The parameters of a code's message. */
export type Parameters<C extends Code> = (typeof catalogue)[C]["message"] extends (parameters: infer P) => string
  ? P
  : never;
