import { expect, test } from "vitest";
import { shells } from "../../src/cli/commands/completion.ts";
import { program } from "../../src/cli/program.ts";
import { formats } from "../../src/diagnostics/formats/index.ts";
import { KINDS } from "../../src/import/import-file.ts";
import { kinds } from "../../src/init/project.ts";
import { FORMS } from "../../src/publish/export.ts";

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
  expect(choicesOf("sbom", "--format")).toEqual(choicesOf("push", "--sbom"));
  expect(commandNamed("completion").registeredArguments[0]?.argChoices).toEqual(Object.keys(shells));
});

test("the help of every command fits into 80 columns", () => {
  const helps = [program, ...program.commands].map((command) => command.helpInformation());
  expect(helps.flatMap((help) => help.split("\n")).filter((line) => line.length > 80)).toEqual([]);
  expect(helps.filter((help) => help.includes("[]"))).toEqual([]);
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
