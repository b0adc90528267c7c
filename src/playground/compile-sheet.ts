/** Checks and compiles the content of the playground, as `imgc check` and `imgc compile -o` do with files. */
import { compilePortable, pinDiagnostic, unpinned } from "../compile/index.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { check, type CheckResult, type Host } from "../language/index.ts";
import { EMPTY_LOCK } from "../lock/lock-file.ts";
import { resolveIn } from "../util/absolute-path.ts";
import type { Sheet } from "./sheet.ts";

/** The folder in which the description seems to be. Compiled paths are relative to it. */
const FOLDER = "/home/you/project";
/** The name of the compiled file. */
const OUTPUT = "images.nix";

export interface CompiledSheet {
  result: CheckResult;
  diagnostics: Diagnostic[];
  /** The compiled Nix expression; undefined if there are errors. */
  nix: string | undefined;
}

export function pathOf({ name }: Pick<Sheet, "name">): string {
  return resolveIn(FOLDER, name);
}

/** The files beside the description. They have no content, so none of them can be imported. */
export function hostOf({ files }: Pick<Sheet, "files">): Host {
  const known = new Set(["/", FOLDER]);
  for (const file of files) {
    // A file implies the folders around it.
    for (let path = resolveIn(FOLDER, file); path !== "/"; path = resolveIn(path, "..")) known.add(path);
  }
  return { exists: (path) => known.has(path), read: () => undefined };
}

/** `version`: imgc's version. */
export function compileSheet(sheet: Sheet, version: string): CompiledSheet {
  const result = check({ path: pathOf(sheet), text: sheet.text }, hostOf(sheet));
  const { spec, locate } = result;
  if (spec === undefined) return { result, diagnostics: result.diagnostics, nix: undefined };
  const pins = unpinned(spec, { lock: EMPTY_LOCK }).map((each) => pinDiagnostic(each, locate, sheet.name));
  const diagnostics = [...result.diagnostics, ...pins];
  if (pins.length > 0) return { result, diagnostics, nix: undefined };
  const options = { functions: "/imgc/nix", lock: EMPTY_LOCK, directory: FOLDER };
  const { text } = compilePortable(spec, options, { directory: FOLDER, name: OUTPUT, spec: sheet.name, version });
  return { result, diagnostics, nix: text };
}
