/** Converts the forms of the schema's types to rules, one for each block and for each named form. */
import { fileSettings } from "../../src/language/schema/file.ts";
import { settingName } from "../../src/language/types/setting.ts";
import type { Inside, Form, Setting, Settings } from "../../src/language/types/type.ts";

/** A form (src/language/types/form.ts) with references to rules in place of blocks and named forms. */
export type Definition =
  | { kind: "exact"; text: string }
  | { kind: "pattern"; source: string }
  | { kind: "rule"; name: string }
  | { kind: "sequence"; parts: Definition[] }
  | { kind: "choice"; options: Definition[] }
  | { kind: "optional"; part: Definition }
  | { kind: "many"; part: Definition };

export type Rules = Map<string, Definition>;

/** All rules of the schema: the file and its blocks, then other rules. A rule comes before the rules it uses. */
export function languageRules(): Rules {
  const rules: Rules = new Map();
  /** The names of tables: a table of settings is named after the first setting whose block it describes. */
  const named = new Map<Settings, string>();

  function use(name: string, make: () => Definition): Definition {
    if (!rules.has(name)) {
      rules.set(name, { kind: "sequence", parts: [] }); // Reserves the rule's place before the rules that it uses.
      rules.set(name, make());
    }
    return { kind: "rule", name };
  }

  function define(form: Form, owner: string): Definition {
    switch (form.kind) {
      case "exact":
        return form;
      case "pattern":
        return { kind: "pattern", source: form.pattern.source.replace(/^\^|\$$/g, "") };
      case "named":
        return use(form.name, () => define(form.form, owner));
      case "sequence": {
        // After each word, the block may be another one.
        const inner = form.parts[0]?.kind === "exact" ? `${owner}-${form.parts[0].text}` : owner;
        return { kind: "sequence", parts: form.parts.map((part) => define(part, inner)) };
      }
      case "choice":
        return { kind: "choice", options: form.options.map((option) => define(option, owner)).flatMap(unwrapped) };
      case "optional":
      case "many":
        return { kind: form.kind, part: define(form.part, owner) };
      case "block":
        return block(form.inside, owner);
    }
  }

  function block(inside: Inside, owner: string): Definition {
    if (inside.kind === "entries")
      return use(owner, () =>
        braces({
          kind: "sequence",
          parts: [define(inside.key, owner), define(inside.value.form, `${owner}-entry`)],
        }),
      );
    const settings = inside.settings();
    const known = named.get(settings) ?? owner;
    named.set(settings, known);
    return use(known, () => braces(alternatives(settings)));
  }

  function alternatives(settings: Settings): Definition {
    const alternative = (key: string, setting: Setting<unknown>): Definition => {
      const name = settingName(key, setting);
      return { kind: "sequence", parts: [{ kind: "exact", text: name }, define(setting.type.form, name)] };
    };
    return { kind: "choice", options: Object.entries(settings).map(([key, setting]) => alternative(key, setting)) };
  }

  use("declarations", () => ({ kind: "many", part: alternatives(fileSettings) }));
  const blocks = new Set(["declarations", ...named.values()]);
  return new Map([...rules].toSorted(([left], [right]) => Number(blocks.has(right)) - Number(blocks.has(left))));
}

/** Flattens a choice in a choice. */
function unwrapped(option: Definition): Definition[] {
  return option.kind === "choice" ? option.options : [option];
}

function braces(inside: Definition): Definition {
  return {
    kind: "sequence",
    parts: [
      { kind: "exact", text: "{" },
      { kind: "many", part: inside },
      { kind: "exact", text: "}" },
    ],
  };
}
