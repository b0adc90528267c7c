/** Finds the term at an offset, and the schema of the blocks around it. */
import { fileSettings } from "../schema/file.ts";
import { findSetting } from "../types/setting.ts";
import { insideOf, insideOfItem, type Inside, type Type, type Setting as SchemaSetting } from "../types/type.ts";
import {
  nameOf,
  type BlockTerm,
  type Document,
  type Setting,
  type Span,
  type StringPart,
  type Term,
} from "../syntax/tree.ts";

/** A block (or the file), and its setting at an offset. */
export interface Level {
  block: Document | BlockTerm;
  /** The schema of the block; undefined if unknown. */
  inside: Inside | undefined;
  setting: Setting | undefined;
  /** The schema of the setting; undefined for entries and unknown settings. */
  known: SchemaSetting<unknown> | undefined;
  /** The type of the setting's or entry's values. */
  type: Type<unknown> | undefined;
}

export interface Place {
  /** The blocks around the offset, from the file to the innermost block. */
  levels: Level[];
  /** The innermost term at the offset. */
  term: Term | undefined;
  /** Whether the term is the name of the setting. */
  isName: boolean;
  /** The part of the string at the offset. */
  part: StringPart | undefined;
}

/** Finds the place of an offset. A term includes its end, so that a cursor after a word is at the word. */
export function placeAt(document: Document, text: string, offset: number): Place {
  const levels: Level[] = [];
  let block: Document | BlockTerm | undefined = document;
  let inside: Inside | undefined = { kind: "settings", settings: () => fileSettings };
  let last: Level | undefined;
  while (block !== undefined) {
    last = levelOf(block, inside, offset);
    levels.push(last);
    const { values } = last.setting ?? { values: [] };
    const list = values.find((value) => value.kind === "list" && touches(value.span, offset));
    const items = list?.kind === "list" ? list.items : values;
    const at = items.findIndex((value) => value.kind === "block" && isInside(value.span, text, offset));
    block = items[at] as BlockTerm | undefined;
    inside = items === values ? insideOf(last.type, values) : insideOfItem(last.type, items, at);
  }
  const setting = last?.setting;
  const name = setting !== undefined && touches(setting.name.span, offset) ? setting.name : undefined;
  const term = name ?? innermost(setting?.values ?? [], offset);
  const part = term?.kind === "string" ? term.parts.find(({ span }) => touches(span, offset)) : undefined;
  return { levels, term, isName: name !== undefined, part };
}

/** A block with its last setting that starts at or before the offset: a value typed there belongs to that setting. */
function levelOf(block: Document | BlockTerm, inside: Inside | undefined, offset: number): Level {
  const setting = lastBefore(block.settings, offset);
  const found =
    inside?.kind === "settings" && setting !== undefined
      ? findSetting(inside.settings(), nameOf(setting.name) ?? "")
      : undefined;
  const type = inside?.kind === "entries" ? inside.value : found?.[1].type;
  return { block, inside, setting, known: found?.[1], type };
}

/** The last setting that starts at or before an offset, by binary search: settings are in the order of the text. */
function lastBefore(settings: readonly Setting[], offset: number): Setting | undefined {
  let [low, high] = [0, settings.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((settings[middle] as Setting).span.start <= offset) low = middle + 1;
    else high = middle;
  }
  return settings[low - 1];
}

function innermost(terms: readonly Term[], offset: number): Term | undefined {
  const found = terms.find(({ span }) => touches(span, offset));
  if (found?.kind === "list") return innermost(found.items, offset) ?? found;
  if (found?.kind === "expression" && touches(found.string.span, offset)) return found.string;
  return found;
}

/** Whether an offset is between the braces of a block. The closing brace may be missing. */
function isInside({ start, end }: Span, text: string, offset: number): boolean {
  return start < offset && (offset < end || (offset === end && text[end - 1] !== "}"));
}

/** Whether an offset is in a span or at one of its ends. */
export function touches({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}
