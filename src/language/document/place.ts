// What stands at an offset, and what the schema says of it. The tree is walked from the file inwards.
import { fileSettings } from "../schema/file.ts";
import { findSetting } from "../types/setting.ts";
import { insideOf, type Inside, type Type, type Setting as SchemaSetting } from "../types/type.ts";
import {
  nameOf,
  type BlockTerm,
  type Document,
  type Setting,
  type Span,
  type StringPart,
  type Term,
} from "../syntax/tree.ts";

/** One bracket with braces (or the file), and the setting in it that an offset belongs to. */
export interface Level {
  block: Document | BlockTerm;
  /** How it is divided; undefined inside of what the schema does not know. */
  inside: Inside | undefined;
  setting: Setting | undefined;
  /** What the schema says of the setting; undefined for entries, which the user names. */
  known: SchemaSetting<unknown> | undefined;
  /** What the setting's values are read as. */
  type: Type<unknown> | undefined;
}

export interface Place {
  /** From the file to the innermost block. */
  levels: Level[];
  /** The innermost term at the offset, and whether it is the setting's name. */
  term: Term | undefined;
  isName: boolean;
  /** The stretch of a string that the offset is in. */
  part: StringPart | undefined;
}

/** What stands at an offset. A term's end belongs to it, so that a cursor after a word is at the word. */
export function placeAt(document: Document, text: string, offset: number): Place {
  const levels: Level[] = [];
  let block: Document | BlockTerm | undefined = document;
  let inside: Inside | undefined = { kind: "settings", settings: () => fileSettings };
  let last: Level | undefined;
  while (block !== undefined) {
    last = levelOf(block, inside, offset);
    levels.push(last);
    block = last.setting?.values.find((value) => value.kind === "block" && isInside(value.span, text, offset)) as
      BlockTerm | undefined;
    inside = insideOf(last.type, last.setting?.values ?? []);
  }
  const setting = last?.setting;
  const name = setting !== undefined && touches(setting.name.span, offset) ? setting.name : undefined;
  const term = name ?? innermost(setting?.values ?? [], offset);
  const part = term?.kind === "string" ? term.parts.find(({ span }) => touches(span, offset)) : undefined;
  return { levels, term, isName: name !== undefined, part };
}

/** The setting of a block at an offset, or else the last one before it, whose values may go on. */
function levelOf(block: Document | BlockTerm, inside: Inside | undefined, offset: number): Level {
  const setting = lastBefore(block.settings, offset);
  const found =
    inside?.kind === "settings" && setting !== undefined
      ? findSetting(inside.settings(), nameOf(setting.name) ?? "")
      : undefined;
  const type = inside?.kind === "entries" ? inside.value : found?.[1].type;
  return { block, inside, setting, known: found?.[1], type };
}

/** Settings stand in order, so the last one that starts before an offset is found by halving. */
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

/** Whether an offset is between the braces of a block, the last of which may be missing. */
function isInside({ start, end }: Span, text: string, offset: number): boolean {
  return start < offset && (offset < end || (offset === end && text[end - 1] !== "}"));
}

/** Whether an offset is in a span or at one of its ends. */
export function touches({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}
