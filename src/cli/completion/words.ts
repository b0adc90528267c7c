/** The words of the command line, for the completion scripts of all shells. */
import type { Argument, Command, Option } from "commander";
import { catalogue } from "../../diagnostics/catalogue.ts";

/**
 * The candidates for a value: fixed words, or files (all files, or those with a suffix). Undefined if the value cannot
 * be completed.
 */
export type Value = { words: readonly string[] } | { files: "" | ".imgspec" } | undefined;

export interface OptionWords {
  flags: string[];
  about: string;
  /** The value's name; undefined if the option takes no value. */
  takes: string | undefined;
  value: Value;
}

export interface CommandWords {
  name: string;
  about: string;
  options: OptionWords[];
  /** The first argument; further arguments are completed the same way. */
  argument: { name: string; value: Value } | undefined;
}

/** Makes a completion script. */
export type Shell = (commands: CommandWords[]) => string;

/** The words of the program, first, and of each command. */
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
  // An image can be an image directory, an archive or an .imgspec file.
  return { name, value: name === "image" ? { files: "" } : valueOf(name, argument.argChoices, ".imgspec") };
}

/** Chooses candidates by the value's name in the help. `ending`: the suffix of files to offer. */
function valueOf(name: string, choices: readonly string[] | undefined, ending: "" | ".imgspec"): Value {
  if (choices !== undefined) return { words: choices };
  if (name !== "file" && name !== "path") return undefined;
  return { files: ending };
}
