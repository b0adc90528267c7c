/** Reads .drv files, whose format is the same in all versions of Nix. */
import { readFileSync } from "node:fs";
import * as z from "zod/mini";

export interface Derivation {
  /** Output paths, without those that are known only after a build. */
  outputs: string[];
  builder: string;
  args: string[];
}

/** The content of a .drv file, except the system. */
export interface WholeDerivation extends Derivation {
  /**
   * The outputs. For an output with a fixed hash, `hash` is in base 16, and `algorithm` starts with `r:` if the hash is that
   * of the output's NAR. For other outputs, both are "".
   */
  results: { name: string; path: string; algorithm: string; hash: string }[];
  /** The derivations whose outputs this one reads. */
  inputs: string[];
  /** Store paths that no derivation made, such as patches. */
  sources: string[];
  environment: Record<string, string>;
}

/** `Derive(outputs,inputs,sources,system,builder,args,environment)`, with parentheses replaced by brackets. */
const File = z.tuple([
  z.array(z.tuple([z.string(), z.string(), z.string(), z.string()])),
  z.array(z.tuple([z.string(), z.unknown()])),
  z.array(z.string()),
  z.string(),
  z.string(),
  z.array(z.string()),
  z.array(z.tuple([z.string(), z.string()])),
]);
const HEAD = "Derive";
const STRING_OR_PARENTHESIS = /"[^"\\]*(?:\\.[^"\\]*)*"|[()]/gs;
const CONTROL = /\p{Cc}/gu;
/** The programs of nix/derive.nix. */
const PROGRAM = /^\/.*-imgc-[a-z]+\.cjs$/;

/** Undefined if the file does not exist or has another format. */
export function readDerivation(path: string): WholeDerivation | undefined {
  try {
    return parseDerivation(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function parseDerivation(text: string): WholeDerivation | undefined {
  if (!text.startsWith(`${HEAD}(`)) return undefined;
  const json = text.slice(HEAD.length).replace(STRING_OR_PARENTHESIS, (part) => {
    if (part === "(") return "[";
    return part === ")" ? "]" : part.replace(CONTROL, escaped);
  });
  const [outputs, inputs, sources, , builder, args, environment] = File.parse(JSON.parse(json));
  return {
    outputs: outputs.flatMap(([, path]) => (path === "" ? [] : [path])),
    results: outputs.map(([name, path, algorithm, hash]) => ({ name, path, algorithm, hash })),
    inputs: inputs.map(([path]) => path),
    sources,
    builder,
    args,
    environment: Object.fromEntries(environment),
  };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

export function outputsOf(path: string): string[] {
  return readDerivation(path)?.outputs ?? [];
}

/** The action that a derivation of nix/derive.nix runs; undefined for other derivations. */
export function ownAction({ builder, args }: Pick<Derivation, "builder" | "args">): string | undefined {
  const [program = "", action] = args;
  return builder.endsWith("/bin/node") && PROGRAM.test(program) ? action : undefined;
}
