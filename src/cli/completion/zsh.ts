/** Completion for zsh, with `_arguments`, which also shows the descriptions. */
import { type CommandWords, type OptionWords, type Shell, type Value } from "./words.ts";
import { shellQuote } from "../../util/shell.ts";

export const zsh: Shell = (commands) => {
  const [program, ...rest] = commands as [CommandWords, ...CommandWords[]];
  const names = rest.map(({ name, about }) => `    ${shellQuote(`${name}:${about.replaceAll(":", "\\:")}`)}`);
  return `#compdef imgc
# imgc completion zsh: write it to a file _imgc in a folder of $fpath, or \`source <(imgc completion zsh)\` after compinit
_imgc() {
  local curcontext=$curcontext state line
  local -a commands=(
${names.join("\n")}
  )
  _arguments -C ${program.options.map(option).join(" ")} '1: :->command' '*:: :->arguments' && return
  if [[ $state == command ]]; then
    _describe command commands
    return
  fi
  case $words[1] in
${rest.map(command).join("\n")}
  esac
}
if [[ $funcstack[1] == _imgc ]]; then _imgc "$@"; else compdef _imgc imgc; fi
`;
};

function command({ name, options, argument }: CommandWords): string {
  const all = [
    ...options.map(option),
    ...(argument === undefined ? [] : [shellQuote(`*:${argument.name}:${action(argument.value)}`)]),
  ];
  return `    ${name}) _arguments ${all.join(" ")} ;;`;
}

function option({ flags, about, takes, value }: OptionWords): string {
  const text = about.replaceAll(/[[\]:\\]/g, (sign) => `\\${sign}`);
  const argument = takes === undefined ? "" : `:${takes.replaceAll(":", "\\:")}:${action(value)}`;
  return flags.map((flag) => shellQuote(`${flag}[${text}]${argument}`)).join(" ");
}

function action(value: Value): string {
  if (value === undefined) return " ";
  if ("words" in value) return `(${value.words.join(" ")})`;
  return value.files === "" ? "_files" : `_files -g "*${value.files}"`;
}
