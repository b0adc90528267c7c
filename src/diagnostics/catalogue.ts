// Every finding there is. The types follow from it, so that a wrong code, or a message without what it needs, does not compile.
import { bracketEntries } from "./entries/brackets.ts";
import { buildEntries } from "./entries/builds.ts";
import { nameEntries } from "./entries/names.ts";
import { settingEntries } from "./entries/settings.ts";
import { valueEntries } from "./entries/values.ts";

export const catalogue = { ...bracketEntries, ...settingEntries, ...valueEntries, ...nameEntries, ...buildEntries };

/** A finding's stable name. */
export type Code = keyof typeof catalogue;

/** What the message of a code must be told. */
export type Parameters<C extends Code> = (typeof catalogue)[C]["message"] extends (parameters: infer P) => string
  ? P
  : never;
