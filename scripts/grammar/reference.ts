/** Writes the reference of all settings. Each example is put into a complete file, which a test checks. */
import { format } from "../../src/format/format.ts";
import { fileSettings } from "../../src/language/schema/file.ts";
import { settingName } from "../../src/language/types/setting.ts";
import { defaultText } from "../../src/language/types/default-text.ts";
import type { Inside, Form, Setting, Settings } from "../../src/language/types/type.ts";
import { fence } from "./diagnostics.ts";
import { blockOf, blocksOf } from "./forms.ts";

/**
 * A table of settings, and the block in which they are allowed. `around` writes a complete file around settings of the
 * table.
 */
interface Table {
  path: string[];
  settings: Settings;
  around(inner: string, key?: string): string;
}

export interface Example {
  path: string[];
  text: string;
}

const HEAD = `# The settings of imgspec

Edition 1. [The grammar](imgspec.ebnf) has the syntax of all values, also [as diagrams](railroad.html). [A page for each
diagnostic](diagnostics/README.md) explains what the checker reports. Settings of a block can be in any order. A setting can be
given once, unless its entry says that it can be repeated. \`$name\` can stand for any value. Relative paths, also those in
\`nix\` code, start at the folder of the file that contains them.
`;

/** All tables, each before the tables of its blocks. If several blocks have the same table, it is listed once. */
function tables(): Table[] {
  const found: Table[] = [];
  const visit = (table: Table): void => {
    if (found.some(({ settings }) => settings === table.settings)) return;
    found.push(table);
    for (const [key, setting] of Object.entries(table.settings)) {
      const inside = blockOf(setting.type.form);
      if (inside !== undefined) visitBlock(inside, [...table.path, settingName(key, setting)], setting.example, table);
    }
  };
  const visitBlock = (inside: Inside, path: string[], example: string, outer: Table): void => {
    // Replace the block in the example, or append one if the example has no block.
    const [head = "", ...rest] = example.split("{");
    if (inside.kind === "settings") {
      const siblings = required(outer.settings, path.at(-1));
      const around = (inner: string): string => outer.around(`${head} {\n ${inner}\n}\n${siblings}`);
      visit({ path, settings: inside.settings(), around });
      return;
    }
    const value = blockOf(inside.value.form);
    if (value?.kind !== "settings") return;
    const entry = (rest[0] ?? "").replace(/\}\s*$/, "");
    const around = (inner: string, key = ""): string => {
      const word = wordBefore(inside.value.form, key);
      const fitting = word === undefined ? entry : entry.replace(/(?<=^\s*\S+ )[a-z]+/, word);
      return outer.around(`${head} {\n ${fitting} {\n ${inner}\n} }`);
    };
    visit({ path: [...path, "…"], settings: value.settings(), around });
  };
  visit({ path: [], settings: fileSettings, around: (inner) => inner });
  return found;
}

/**
 * Of the options of a choice, finds the first one that has a block with this setting; returns the option's first word.
 */
function wordBefore(form: Form, key: string): string | undefined {
  if (form.kind !== "choice") return undefined;
  const has = (option: Form) =>
    blocksOf(option).some((inside) => inside.kind === "settings" && Object.hasOwn(inside.settings(), key));
  const option = form.options.find(has);
  const [word] = option?.kind === "sequence" ? option.parts : [];
  return word?.kind === "exact" ? word.text : undefined;
}

/** The examples of the required settings of a block, except for the setting `besides`. */
function required(settings: Settings, besides: string | undefined): string {
  return Object.entries(settings)
    .filter(([key, setting]) => setting.required && settingName(key, setting) !== besides)
    .map(([, setting]) => setting.example)
    .join("\n");
}

/** The example of each setting, as a complete file. */
export function examples(): Example[] {
  return tables().flatMap(({ path, settings, around }) =>
    Object.entries(settings).map(([key, setting]) => {
      const name = settingName(key, setting);
      const text = around(`${setting.example}\n ${required(settings, name)}`, key);
      return { path: [...path, name], text: text.includes("image") ? text : `${text}\nimage "shop/api" { }` };
    }),
  );
}

export async function reference(): Promise<string> {
  const all = examples();
  const sections = tables().map(async ({ path, settings }) => {
    const parts = Object.entries(settings).map(async ([key, setting]) => {
      const name = settingName(key, setting);
      const example = all.find((each) => each.path.join(" ") === [...path, name].join(" "));
      const { text } = await format({ path: name, text: example?.text ?? "" });
      return `### \`${name}\`\n\n${setting.doc}\n\n${facts(setting)}\n\n${fence("imgspec", text)}\n`;
    });
    const title = path.length === 0 ? "A file" : path.map((each) => `\`${each}\``).join(" › ");
    return `## ${title}\n\n${(await Promise.all(parts)).join("\n")}`;
  });
  return `${HEAD}\n${(await Promise.all(sections)).join("\n")}`;
}

function facts(setting: Setting<unknown>): string {
  const value = defaultText(setting);
  const otherwise = value === undefined ? "optional" : `default: \`${value}\``;
  const count = setting.required ? "required" : setting.many ? "can be repeated" : otherwise;
  return `_Value_: ${setting.type.label}; ${count}.`;
}
