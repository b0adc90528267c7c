/** Completion for fish: one line for each word. */
import type { CommandWords, OptionWords, Shell, Value } from "./words.ts";

export const fish: Shell = (commands) => {
  const [program, ...rest] = commands as [CommandWords, ...CommandWords[]];
  const none = "-n __fish_use_subcommand";
  const lines = [
    "# imgc completion fish: write it to ~/.config/fish/completions/imgc.fish",
    "complete -c imgc -f",
    ...program.options.map((option) => line(none, option)),
    ...rest.map(({ name, about }) => `complete -c imgc ${none} -a ${name} -d ${quoted(about)}`),
    ...rest.flatMap(ofCommand),
  ];
  return `${lines.join("\n")}\n`;
};

function ofCommand({ name, options, argument }: CommandWords): string[] {
  const when = `-n '__fish_seen_subcommand_from ${name}'`;
  const value = argument?.value;
  return [
    ...options.map((option) => line(when, option)),
    ...(value === undefined ? [] : [`complete -c imgc ${when} ${candidates(value)}`]),
  ];
}

function line(when: string, { flags, about, takes, value }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const argument = takes === undefined ? "" : ` -r ${candidates(value)}`;
  return `complete -c imgc ${when} ${names.join(" ")} -d ${quoted(about)}${argument}`;
}

function candidates(value: Value): string {
  if (value === undefined) return "-f";
  if ("words" in value) return `-f -a ${quoted(value.words.join(" "))}`;
  return value.files === "" ? "-F" : `-k -a '(__fish_complete_suffix ${value.files})'`;
}

/** Quotes a text with single quotes for fish. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (sign) => `\\${sign}`)}'`;
}
