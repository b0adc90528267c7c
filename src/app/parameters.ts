/** `--set NAME=VALUE`: values for parameters. */
import { didYouMean } from "../diagnostics/entries/entry.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { parseArgument, type ParamSpec } from "../language/index.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/**
 * Checks the values against the types of their parameters; returns the values as written, by parameter. `where`: the
 * file that declares the parameters, for messages.
 */
export function readArguments(
  given: readonly string[],
  params: readonly ParamSpec[],
  where: string,
): Map<string, string> {
  return new Map(given.map((each) => readArgument(each, params, where)));
}

function readArgument(written: string, params: readonly ParamSpec[], where: string): [string, string] {
  const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(written) ?? [];
  if (name === "") throw new ImgcError(EXIT.usage, `--set takes NAME=VALUE, not "${written}"`);
  const param = params.find((each) => each.name === name);
  if (param === undefined) {
    const names = params.map((each) => each.name);
    const known = names.length === 0 ? "; it has none" : `; it has ${names.join(", ")}`;
    const suggestion = didYouMean(suggest(name, names)) || known;
    throw new ImgcError(EXIT.usage, `${where} has no parameter \`${name}\`${suggestion}`);
  }
  if (parseArgument(param.type, value) === undefined)
    throw new ImgcError(EXIT.usage, `--set ${name}: "${value}" is not of the type of \`${name}\`, ${param.type}`);
  return [name, value];
}
