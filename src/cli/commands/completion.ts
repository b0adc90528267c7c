/** `imgc completion SHELL`: generates the script from the definitions of commands and options. */
import type { Command } from "commander";
import { bash } from "../completion/bash.ts";
import { fish } from "../completion/fish.ts";
import { describe, type Shell } from "../completion/words.ts";
import { zsh } from "../completion/zsh.ts";

export const shells = { bash, zsh, fish } satisfies Record<string, Shell>;

export type ShellName = keyof typeof shells;

export function completion(program: Command, shell: ShellName): void {
  process.stdout.write(shells[shell](describe(program)));
}
