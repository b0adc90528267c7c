/** Completion for bash 3.2 and later, without the bash-completion package. */
import { type CommandWords, type Shell, type Value } from "./words.ts";

export const bash: Shell = (commands) => {
  const [program, ...rest] = commands as [CommandWords, ...CommandWords[]];
  const top = [...rest.map(({ name }) => name), ...flags(program)];
  return `# imgc completion bash: put \`eval "$(imgc completion bash)"\` into ~/.bashrc
_imgc() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= i IFS=$'\\n'
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in -*) ;; *) command=\${COMP_WORDS[i]}; break ;; esac
  done
  COMPREPLY=()
  case $command:$before in
${rest.flatMap(optionCases).join("\n")}
  esac
  if [ -z "$command" ]; then
    ${words(top)}
    return
  fi
  case $command:$current in
${rest.flatMap(commandCases).join("\n")}
  esac
}
complete -o filenames -F _imgc imgc
`;
};

function optionCases({ name, options }: CommandWords): string[] {
  const taking = options.filter(({ takes }) => takes !== undefined);
  return taking.map(({ flags: all, value }) => {
    const pattern = all.map((flag) => `${name}:${flag}`).join(" | ");
    return `    ${pattern}) ${reply(value)}; return ;;`;
  });
}

function commandCases(command: CommandWords): string[] {
  const value = command.argument?.value;
  return [
    `    ${command.name}:-*) ${words(flags(command))} ;;`,
    ...(value === undefined ? [] : [`    ${command.name}:*) ${reply(value)} ;;`]),
  ];
}

function flags({ options }: CommandWords): string[] {
  return options.flatMap((option) => option.flags.filter((flag) => flag.startsWith("--")));
}

function words(all: readonly string[]): string {
  return `COMPREPLY=($(compgen -W $'${all.join("\\n")}' -- "$current"))`;
}

function reply(value: Value): string {
  if (value === undefined) return ":";
  if ("words" in value) return words(value.words);
  if (value.files === "") return 'COMPREPLY=($(compgen -f -- "$current"))';
  return `COMPREPLY=($(compgen -d -- "$current") $(compgen -f -X '!*${value.files}' -- "$current"))`;
}
