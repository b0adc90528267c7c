/** Inlay hints: a block's defaults after its opening brace, and the values of references. */
import { lookUp, type BlockTerm, type Module, type Setting, type Span } from "../language/index.ts";
import { fileSettings } from "../language/schema/file.ts";
import { findSetting, settingName } from "../language/types/setting.ts";
import { insideOf, type Inside } from "../language/types/type.ts";
import { defaultText } from "../language/types/default-text.ts";

/** The longest text of a hint. VS Code cuts off longer texts at 43 characters. */
const MAX_LENGTH = 42;

export interface Hint {
  offset: number;
  text: string;
  /** The whole text, if it does not fit. */
  whole?: string;
}

/** The hints in a range of a file. */
export function inlayHints(module: Module, within: Span): Hint[] {
  const found: Hint[] = [];
  const visit = (settings: readonly Setting[], inside: Inside | undefined): void => {
    for (const setting of settings) {
      if (setting.span.end < within.start || setting.span.start > within.end) continue;
      const name = setting.name.kind === "word" ? setting.name.text : "";
      const known = inside?.kind === "settings" ? findSetting(inside.settings(), name)?.[1] : undefined;
      const type = inside?.kind === "entries" ? inside.value : known?.type;
      for (const value of setting.values) {
        if (value.kind === "reference") {
          const text = valueText(module, value.name);
          if (text !== undefined) found.push(hint(value.span.end, " = ", [text]));
        }
        if (value.kind !== "block") continue;
        const block = insideOf(type, setting.values);
        const parts = block?.kind === "settings" ? defaults(value, block) : [];
        if (parts.length > 0 && module.source.text.slice(value.span.start, value.span.end).includes("\n"))
          found.push(hint(value.span.start + 1, " ", parts));
        visit(value.settings, block);
      }
    }
  };
  visit(module.document.settings, { kind: "settings", settings: () => fileSettings });
  return found.filter(({ offset }) => within.start <= offset && offset <= within.end);
}

/** A hint with as many parts as fit. */
function hint(offset: number, start: string, parts: readonly string[]): Hint {
  const whole = start + parts.join(" · ");
  if (whole.length <= MAX_LENGTH) return { offset, text: whole };
  const fitting = parts.filter(
    (_, index) => parts.slice(0, index + 1).join(" · ").length <= MAX_LENGTH - " · …".length - start.length,
  );
  const text = fitting.length > 0 ? `${start}${fitting.join(" · ")} · …` : `${whole.slice(0, MAX_LENGTH - 1)}…`;
  return { offset, text, whole: whole.trim() };
}

/** The defaults of the settings that a block leaves out. */
function defaults(block: BlockTerm, inside: Extract<Inside, { kind: "settings" }>): string[] {
  const present = new Map<string, unknown>();
  for (const { name, values } of block.settings) {
    const [key] = (name.kind === "word" && findSetting(inside.settings(), name.text)) || [];
    const [value] = values;
    if (key !== undefined) present.set(key, value?.kind === "word" ? value.text : undefined);
  }
  return Object.entries(inside.settings())
    .filter(([key]) => !present.has(key))
    .flatMap(([key, setting]) => {
      const value = defaultText(setting, present);
      return value === undefined ? [] : [`${settingName(key, setting)} ${value}`];
    });
}

/** The text of a binding's value, on one line. */
function valueText(module: Module, name: string): string | undefined {
  const binding = lookUp(module, name);
  const value = binding?.setting.values[2];
  if (binding === undefined || value === undefined) return undefined;
  return binding.module.source.text.slice(value.span.start, value.span.end).replace(/\s+/g, " ");
}
