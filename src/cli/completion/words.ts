/** What can be written after a program's name, whatever the shell. */
import type { Argument, Command, Option } from "commander";
import { catalogue } from "../../diagnostics/catalogue.ts";

/** What stands in a place: one of some words, a file (of an ending), a folder, or what only the user knows. */
export type Value = { words: readonly string[] } | { files: "" | ".imgspec" } | undefined;

export interface OptionWords {
  flags: string[];
  about: string;
  /** The value's name; undefined where the option takes none. */
  takes: string | undefined;
  value: Value;
}

export interface CommandWords {
  name: string;
  about: string;
  options: OptionWords[];
  /** The arguments' name and what they may be; those after the first are the user's own. */
  argument: { name: string; value: Value } | undefined;
}

/** A script that completes these words. */
export type Shell = (commands: CommandWords[]) => string;

/** The program itself, first, and its commands. */
export function describe(program: Command): CommandWords[] {
  return [program, ...program.commands].map((command) => ({
    name: command === program ? "" : command.name(),
    about: command.description(),
    options: command
      .createHelp()
      .visibleOptions(command)
      .map((option) => optionWords(option)),
    argument: argumentOf(command.registeredArguments[0]),
  }));
}

function optionWords(option: Option): OptionWords {
  const takes = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1];
  return {
    flags: [option.long, option.short].filter((flag) => typeof flag === "string"),
    about: option.description,
    takes,
    value: takes === undefined ? undefined : valueOf(takes, option.argChoices, ""),
  };
}

function argumentOf(argument: Argument | undefined): CommandWords["argument"] {
  if (argument === undefined) return undefined;
  const name = argument.name();
  if (name === "code") return { name, value: { words: Object.keys(catalogue) } };
  // An image may be built from a description first, so anything on the disk is one.
  return { name, value: name === "image" ? { files: "" } : valueOf(name, argument.argChoices, ".imgspec") };
}

/** By the names that the help uses; `ending` is what a file has that is meant. */
function valueOf(name: string, choices: readonly string[] | undefined, ending: "" | ".imgspec"): Value {
  if (choices !== undefined) return { words: choices };
  if (name !== "file" && name !== "path") return undefined;
  return { files: ending };
}

/** A text between single quotes, as bash and zsh read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
