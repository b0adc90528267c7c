/** Writes the reference of all settings. Each example is put into a complete file, which a test checks. */
import { quoted } from "../../src/diagnostics/entries/entry.ts";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { format } from "../../src/format/format.ts";
import { CONFLICTS, insteadOf } from "../../src/language/schema/conflicts.ts";
import { imageSettings } from "../../src/language/schema/image.ts";
import { knownPlatforms } from "../../src/language/schema/platform.ts";
import { ESCAPES } from "../../src/language/syntax/string.ts";
import { durations, port, sizes } from "../../src/language/types/number.ts";
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
  setting: Setting<unknown>;
  text: string;
}

/** The texts that precede or complete the entries of the settings, by name: `language`, or the path of a setting. */
const TEXTS = new URL("reference/", import.meta.url);

/** Facts of the schema that the texts contain as `{{name}}`. */
const FACTS: Record<string, () => string> = {
  escapes: () =>
    markdownTable(
      ["escape", "character"],
      Object.entries(ESCAPES).map(([letter, character]) => [`\`\\${letter}\``, characterName(character)]),
    ),
  sizes: () => `${unitsText(sizes, "bytes")} The largest size is ${largest(sizes)}.`,
  durations: () =>
    `The units are ${joined(Object.keys(durations).map((unit) => `\`${unit}\``))}. The longest duration is ${largest(durations)}.`,
  ports: () => (port.rules ?? []).join(", "),
  platforms: () => joined(knownPlatforms.split(", ").map((name) => `\`${name}\``)),
  files: () => fileForms(),
};

function markdownTable(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const joined = (words: string[]): string => `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

function characterName(character: string): string {
  const names: Record<string, string> = { "\n": "a line break", "\t": "a tab", "\r": "a carriage return" };
  return names[character] ?? `\`${character}\``;
}

function unitsText(units: Record<string, number>, small: string): string {
  const named = Object.entries(units).map(
    ([unit, value]) => `\`${unit}\`${value === 1 ? "" : ` (${value.toLocaleString("en")})`}`,
  );
  return `The units, with their number of ${small}, are ${joined(named)}.`;
}

/** The largest whole number of the largest unit that JSON holds exactly. */
function largest(units: Record<string, number>): string {
  const [unit, value] = Object.entries(units).reduce((most, each) => (each[1] > most[1] ? each : most));
  return `\`${Math.floor(Number.MAX_SAFE_INTEGER / value)}${unit}\``;
}

/** The words of an entry of `files`, with their values and settings. */
function fileForms(): string {
  const { inside } = imageSettings.files.type;
  const cases = inside?.kind === "entries" ? (inside.value.cases ?? {}) : {};
  const rows = Object.entries(cases).map(([word, type]) => {
    const block = type.inside?.kind === "settings" ? Object.entries(type.inside.settings()) : [];
    const values = type.label.split(", then ").filter((label) => !["no value", "a block in braces"].includes(label));
    return [
      `\`${word}\``,
      values.join(", ") || "–",
      block.map(([key, of]) => `\`${settingName(key, of)}\``).join(" ") || "–",
    ];
  });
  return markdownTable(["word", "value", "settings in braces"], rows);
}

/** A text with its facts filled in and its examples formatted; "" if there is none. */
async function textOf(name: string): Promise<string> {
  const path = new URL(`${name}.md`, TEXTS);
  if (!existsSync(path)) return "";
  const parts = readFileSync(path, "utf8").split(/^```imgspec\n(.*?)^```$/gms);
  const formatted = parts.map(async (part, index) =>
    index % 2 === 0 ? withFacts(name, part) : fence("imgspec", (await format({ path: name, text: part })).text),
  );
  return (await Promise.all(formatted)).join("");
}

function withFacts(name: string, text: string): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, fact: string) => {
    const make = FACTS[fact];
    if (make === undefined) throw new Error(`${name}.md names an unknown fact: ${fact}`);
    return make();
  });
}

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

/** Settings of the image that an example needs, by the path of the example's setting. */
const BESIDE: Record<string, string> = { "image expect signed-base": 'base registry "docker.io/library/debian:13"' };

/** The example of each setting, as a complete file. */
export function examples(): Example[] {
  return tables().flatMap(({ path, settings, around }) =>
    Object.entries(settings).map(([key, setting]) => {
      const name = settingName(key, setting);
      const beside = BESIDE[[...path, name].join(" ")];
      const alone = around(`${setting.example}\n ${required(settings, name)}`, key);
      const text = beside === undefined ? alone : alone.replace(/^image "[^"]+" +\{/m, `$&\n ${beside}`);
      return { path: [...path, name], setting, text: text.includes("image") ? text : `${text}\nimage "shop/api" { }` };
    }),
  );
}

export async function reference(): Promise<string> {
  const all = examples();
  const unused = new Set(readdirSync(TEXTS));
  const take = (name: string): Promise<string> => {
    unused.delete(`${name}.md`);
    return textOf(name);
  };
  const head = await take("language");
  const sections = tables().map(async ({ path, settings }) => {
    const parts = Object.entries(settings).map(async ([key, setting]) => {
      const name = settingName(key, setting);
      const example = all.find((each) => each.path.join(" ") === [...path, name].join(" "));
      const { text } = await format({ path: name, text: example?.text ?? "" });
      const more = await take([...path, name].join("."));
      return `### \`${name}\`\n\n${setting.doc}\n\n${facts([...path, name], setting)}\n\n${fence("imgspec", text)}\n\n${more}\n`;
    });
    const title = path.length === 0 ? "Declarations" : path.map((each) => `\`${each}\``).join(" › ");
    return `## ${title}\n\n${(await Promise.all(parts)).join("\n")}`;
  });
  const text = `${head}\n${(await Promise.all(sections)).join("\n")}`;
  if (unused.size > 0)
    throw new Error(`no setting has the texts ${[...unused].join(", ")} of scripts/grammar/reference`);
  return text;
}

/** The type of a setting, whether it is required or repeated, its default, and its rules. */
function facts(path: string[], setting: Setting<unknown>): string {
  const value = defaultText(setting);
  const otherwise = value === undefined ? "optional" : `default: \`${value}\``;
  const count = setting.required ? "required" : setting.many ? "can be repeated" : otherwise;
  const rules = [...rulesOf(setting), ...conflictsOf(path)];
  const list = rules.length === 0 ? "" : `\n\n_Rules_:\n\n${rules.map((rule) => `- ${rule}`).join("\n")}`;
  return `_Value_: ${setting.type.label}; ${count}.${list}`;
}

/** The rules of a type, and its words if the label does not name them. */
function rulesOf({ type }: Setting<unknown>): string[] {
  const words = (type.words ?? []).filter((word) => !type.label.includes(`\`${word}\``));
  const oneOf = words.length === 0 ? [] : [`one of ${joined(words.map((word) => `\`${word}\``))}`];
  return [...oneOf, ...new Set(type.rules ?? [])];
}

/** The settings of an image that exclude the setting at a path. */
function conflictsOf([first, ...path]: string[]): string[] {
  if (first !== "image") return [];
  const isAt = (other: readonly string[]): boolean => other.join(" ") === path.join(" ");
  return CONFLICTS.flatMap((each) => {
    if (isAt(each.path)) return [`not \`${each.setting}\` with ${quoted(each.other)}: ${insteadOf(each)}`];
    return isAt(each.otherPath) ? [`not ${quoted(each.other)} with \`${each.setting}\`: ${insteadOf(each)}`] : [];
  });
}
