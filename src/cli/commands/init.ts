/** `imgc init`: writes a first description from options, answers and the files of the folder. Never replaces a file. */
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { requireNew, writeDescription } from "../../app/init.ts";
import { detectKinds, imageName, inspectProject, kinds, type Kind, type ProjectOptions } from "../../init/project.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { printableLine } from "../../util/printable.ts";
import { shellQuote } from "../../util/shell.ts";

export interface InitCommandOptions extends ProjectOptions {
  from?: Kind;
}

export async function init(file: string, options: InitCommandOptions): Promise<void> {
  requireNew(file);
  const folder = dirname(resolve(file));
  const { from, ...project } =
    options.from === undefined ? await choose(folder, options) : { ...options, from: options.from };
  const { needsLock } = await writeDescription(file, from, project);
  const name = printableLine(argument(file));
  const lock = needsLock ? `  imgc lock ${name}\n` : "";
  process.stderr.write(`Wrote ${printableLine(file)}. Edit it, then run:\n\n${lock}  imgc build ${name}\n`);
}

/** A file as an argument of a command, for a shell. */
function argument(file: string): string {
  const path = file.startsWith("-") ? `./${file}` : file;
  return /^[\w./@+-]+$/.test(path) ? path : shellQuote(path);
}

/**
 * Asks for the values that the options do not set. Without a terminal, takes the kind of project from the files of the
 * folder.
 */
async function choose(folder: string, options: ProjectOptions): Promise<ProjectOptions & { from: Kind }> {
  const [detected, ...others] = detectKinds(folder);
  if (process.stdin.isTTY) return ask(folder, options, detected?.kind ?? "nix");
  if (detected === undefined)
    throw new ImgcError(
      EXIT.usage,
      `no file of ${printableLine(folder)} tells the kind of project: choose it with --from ${Object.keys(kinds).join("|")}`,
    );
  process.stderr.write(`Found ${printableLine(detected.sign)}: ${kinds[detected.kind]}.\n`);
  for (const { kind, sign } of others)
    process.stderr.write(`Also found ${printableLine(sign)}: for ${kinds[kind]}, run imgc init --from ${kind}.\n`);
  return { ...options, from: detected.kind };
}

async function ask(folder: string, options: ProjectOptions, likely: Kind): Promise<ProjectOptions & { from: Kind }> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // While readline reads a terminal, Ctrl-C arrives as a character.
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const answers = terminal[Symbol.asyncIterator]();
  const question = async (text: string, otherwise: string): Promise<string> => {
    process.stderr.write(`${text} [${printableLine(otherwise)}]: `);
    const { done, value } = await answers.next();
    if (done === true) throw new ImgcError(EXIT.usage, "nothing was written");
    return value.trim() || otherwise;
  };
  try {
    const list = Object.entries(kinds).map(([name, about]) => `  ${name.padEnd(8)}${about}\n`);
    process.stderr.write(`What kind of project is it?\n${list.join("")}`);
    let from: string;
    do from = await question("kind", likely);
    while (!isKind(from));
    const name = options.name ?? (await question("image name", imageName(folder)));
    if (from === "nix")
      return { ...options, from, name, package: options.package ?? (await question("package", "hello")) };
    const found = inspectProject(folder, from, options).application?.path;
    const copy = found === undefined ? undefined : await question("file or folder to copy", found);
    return { ...options, from, name, ...(copy !== undefined && { copy }) };
  } finally {
    terminal.close();
  }
}

function isKind(word: string): word is Kind {
  return Object.hasOwn(kinds, word);
}
