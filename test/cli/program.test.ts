import { expect, test } from "vitest";
import type { Command } from "commander";
import { shells } from "../../src/cli/commands/completion.ts";
import { FORMATS } from "../../src/app/bill-of-materials.ts";
import { createProgram } from "../../src/cli/program.ts";
import { formats } from "../../src/diagnostics/formats/index.ts";
import { KINDS } from "../../src/import/import-file.ts";
import { kinds } from "../../src/init/project.ts";
import { FORMS } from "../../src/publish/export.ts";
import { run } from "./run.ts";

const program = createProgram();

function commandNamed(name: string) {
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  return command;
}

function choicesOf(command: string, flag: string): string[] | undefined {
  return commandNamed(command).options.find(({ long }) => long === flag)?.argChoices;
}

test("the choices of options are the values that the commands know", () => {
  expect(choicesOf("init", "--from")).toEqual(Object.keys(kinds));
  expect(choicesOf("import", "--from")).toEqual(KINDS);
  expect(choicesOf("check", "--format")).toEqual(Object.keys(formats));
  expect(choicesOf("export", "--to")).toEqual(FORMS);
  expect(choicesOf("sbom", "--format")).toEqual(Object.keys(FORMATS));
  expect(choicesOf("push", "--sbom")).toEqual(["spdx", "cyclonedx"]);
  expect(commandNamed("completion").registeredArguments[0]?.argChoices).toEqual(Object.keys(shells));
});

/** The help as printed, with the text that is added to it. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (piece) => void (text += piece) }).outputHelp();
  return text;
}

test("the command version prints what --version prints", () => {
  expect(run(["version"])).toEqual(run(["--version"]));
});

test("the help of every command fits into 80 columns, and has an example", () => {
  const helps = [program, ...program.commands].map(helpOf);
  expect(helps.flatMap((help) => help.split("\n")).filter((line) => line.length > 80)).toEqual([]);
  expect(helps.filter((help) => /\[\]|default: none/.test(help))).toEqual([]);
  const without = program.commands.filter((_, i) => !/^Examples?:\n {2}(?:imgc|source)/m.test(helps[i + 1] ?? ""));
  expect(without.map((command) => command.name())).toEqual(["lsp"]);
  // Each command has one line in the list.
  for (const command of program.commands)
    expect(helps[0]).toContain(`\n  ${command.name().padEnd(16)}${command.summary() || command.description()}\n`);
});

test("examples of the help are valid commands", () => {
  const examples = [program, ...program.commands].flatMap(
    (command) => helpOf(command).match(/^ {2}imgc [^\n]*/gm) ?? [],
  );
  for (const example of examples) {
    const [name = "", ...words] = example
      .trim()
      .replace(/ {2,}.*| [|>].*/, "")
      .split(" ")
      .slice(1);
    const { options, registeredArguments } = commandNamed(name);
    const given = words.slice(0, words.includes("--") ? words.indexOf("--") : undefined);
    for (const flag of given.filter((word) => /^--?[a-z]/.test(word) && !word.includes("=") && word !== "--read-only"))
      expect(options.map(({ long, short }) => [long, short]).flat(), example).toContain(flag);
    expect(registeredArguments.filter(({ required }) => required).length, example).toBeLessThanOrEqual(given.length);
  }
});

test("an option has the same value wherever it is declared", () => {
  const flags = new Map<string, Set<string>>();
  for (const { options } of program.commands)
    for (const option of options) {
      const found = flags.get(option.long ?? "") ?? new Set();
      flags.set(option.long ?? "", found.add(option.flags.replace(/<(?:file|path)>/, "<path>")));
    }
  expect([...flags.values()].filter(({ size }) => size > 1)).toEqual([]);
});

test("a program with one command gives this command the help that it has among all commands", () => {
  for (const command of program.commands) {
    const { commands } = createProgram(command.name());
    expect(commands.map(helpOf)).toEqual([helpOf(command)]);
  }
  const names = (name: string): number => createProgram(name).commands.length;
  expect(["", "help", "--color", "chekc", "constructor"].map(names)).toEqual(Array(5).fill(program.commands.length));
});
