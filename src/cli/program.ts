/** Declares the commands. Each is a module in `commands`, loaded only when the command runs. */
import { Argument, Command, Help, Option } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { isSpec } from "../app/spec-files.ts";
import { printable } from "../util/printable.ts";
import type { BuildCommandOptions } from "./commands/build.ts";
import type { CheckCommandOptions } from "./commands/check.ts";
import type { ShellName } from "./commands/completion.ts";
import type { CompileCommandOptions } from "./commands/compile.ts";
import type { DiffCommandOptions } from "./commands/diff.ts";
import type { ExportCommandOptions } from "./commands/export.ts";
import type { LockCommandOptions } from "./commands/lock.ts";
import type { LoadCommandOptions } from "./commands/load.ts";
import type { PlanCommandOptions } from "./commands/plan.ts";
import type { PushCommandOptions } from "./commands/push.ts";
import type { RebaseCommandOptions } from "./commands/rebase.ts";
import type { SbomCommandOptions } from "./commands/sbom.ts";
import type { VerifyCommandOptions } from "./commands/verify.ts";
import type { RunCommandOptions } from "./commands/run.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import type { FmtCommandOptions } from "./commands/fmt.ts";
import type { ImportCommandOptions } from "./commands/import.ts";
import type { InitCommandOptions } from "./commands/init.ts";
import { examplesText, FIRST_STEPS } from "./examples.ts";
import { specFile, specOrImage, specsOrImages } from "./spec-argument.ts";
import { colors, type ColorMode } from "./terminal/color-mode.ts";
import {
  attachedBillOption,
  attestOption,
  billFormatOption,
  colorOption,
  descriptionOutputOption,
  engineOption,
  formatOption,
  fromOption,
  imageOption,
  imagesOption,
  insecureOption,
  intoOption,
  jsonOption,
  nixpkgsOption,
  outputOption,
  pageOption,
  platformOption,
  publicKeyOption,
  setOption,
  stdinFilepathOption,
  wholeNumber,
} from "./options.ts";

// Choices are listed here, so that the help and a wrong option load no command.
const PROJECT_KINDS = ["nix", "python", "node", "go", "rust", "flake", "static"];
const DIAGNOSTIC_FORMATS = ["pretty", "json", "sarif", "github", "unix"];

/** The declarations of the commands, in the groups of the help. */
const GROUPS: Record<string, Record<string, (command: Command) => Command>> = {
  "Write descriptions:": {
    init: (command) =>
      command
        .summary("write a first description for the project in this folder")
        .description(
          "write a first image description from the files of the folder; asks for missing options on a terminal",
        )
        .argument("[file]", "the file to write; an existing file is never replaced", "image.imgspec")
        .addOption(fromOption("the kind of project (default: found in the folder)", PROJECT_KINDS))
        .option("--name <name>", "the image's name (default: the folder's name)")
        .option("--package <attribute>", "with --from nix: the package")
        .option("--copy <path>", "with the other kinds: the file or folder to copy (default: found in the folder)")
        .action(async (file: string, options: InitCommandOptions) =>
          (await import("./commands/init.ts")).init(file, options),
        ),
    import: (command) =>
      command
        .summary("write a description from a Dockerfile, Nix or apko file")
        .description(
          "write an image description from a Dockerfile, from a Nix expression that calls dockerTools or nix2container, or from an " +
            "apko file. Parts that cannot be imported become comments.",
        )
        .argument("<file>", "the file to import; it is not changed")
        .addOption(fromOption("the kind of file (default: by its name)", ["dockerfile", "apko", "nix"]))
        .addOption(descriptionOutputOption("the file to write, beside the imported one (default: standard output)"))
        .addOption(
          nixpkgsOption("from nix: the package set that the expression is evaluated with (default: <nixpkgs>)"),
        )
        .action(async (file: string, options: ImportCommandOptions) =>
          (await import("./commands/import.ts")).importFile(file, options),
        ),
    check: (command) =>
      command
        .summary("show every mistake in descriptions at its place")
        .description("check image descriptions and show every mistake at its place")
        .argument("<file...>", ".imgspec files, folders with such files, or - for standard input")
        .addOption(formatOption("output format (default: pretty on a terminal, else unix)", DIAGNOSTIC_FORMATS))
        .addOption(stdinFilepathOption("path of the file on standard input; imports are relative to it"))
        .option("--deny-warnings", "also exit with 1 on warnings")
        .option("--max-diagnostics <n>", "show at most n diagnostics", wholeNumber)
        .addOption(setOption())
        .option("--packages", "also look up every package in the package set, with Nix, which builds nothing")
        .addOption(nixpkgsOption("with --packages: use this package set instead of the files'"))
        .option("--fix", "apply the safe fixes and name them; show the remaining diagnostics")
        .action(async (files: string[], options: CheckCommandOptions) =>
          (await import("./commands/check.ts")).check(files, options),
        ),
    explain: (command) =>
      command
        .description("explain a diagnostic, with a wrong and a right example")
        .argument("[code]", "the code in brackets after a message (default: list all codes)")
        .action(async (code: string | undefined) => (await import("./commands/explain.ts")).explain(code)),
    fmt: (command) =>
      command
        .summary("format descriptions")
        .description("format image descriptions; a file with a syntax error is not changed")
        .argument(
          "[path...]",
          ".imgspec files, folders with such files, or - for standard input (default: the current folder)",
        )
        .option("--check", "write nothing; list the files that would change, and exit with 1 if there are any")
        .option("--diff", "write nothing; print the changes as a patch, and exit with 1 if there are any")
        .addOption(stdinFilepathOption("the name of standard input in messages"))
        .action(async (paths: string[], options: FmtCommandOptions) =>
          (await import("./commands/fmt.ts")).fmt(paths, options),
        ),
    lsp: (command) =>
      command
        .summary("start the language server for editors")
        .description("start the language server on standard input and output")
        .option("--stdio", "has no effect; many editors pass this option")
        .action(async () => (await import("./commands/lsp.ts")).lsp()),
    schema: (command) =>
      command
        .summary("print the JSON schema of a checked description")
        .description("print the JSON schema of a checked image description")
        .action(async () => (await import("./commands/schema.ts")).schema()),
  },
  "Build images:": {
    lock: (command) =>
      command
        .summary("pin bases, the package set and layers in imgc.lock")
        .description(
          "pin the references of bases and of the package set in imgc.lock, then build, and record which layer holds which " +
            "package, as `imgc build` does: later builds keep layers stable",
        )
        .argument("<file>", "an .imgspec file, or a folder with one; imgc.lock is beside it", specFile)
        .option("--update", "also look up references that are already pinned")
        .addOption(setOption())
        .addOption(nixpkgsOption())
        .action(async (file: string, options: LockCommandOptions) =>
          (await import("./commands/lock.ts")).lock(file, options),
        ),
    compile: (command) =>
      command
        .summary("compile a description to a Nix expression")
        .description("compile an image description to a Nix expression")
        .argument("<file>", "an .imgspec file, or a folder with one", specFile)
        .addOption(imageOption("compile only this image and its bases"))
        .addOption(setOption())
        .addOption(platformOption())
        .addOption(nixpkgsOption())
        .addOption(
          outputOption(
            "write a file to commit: relative paths, arguments { pkgs, imgc } (default: print to standard output)",
          ),
        )
        .option(
          "--flake <dir>",
          "write a flake that builds the same image: the package set is its input, `cache` its nixConfig",
        )
        .action(async (file: string, options: CompileCommandOptions) =>
          (await import("./commands/compile.ts")).compile(file, options),
        ),
    build: (command) =>
      command
        .summary("compile a description and build it with Nix")
        .description(
          "compile an image description and build it with Nix, and record in imgc.lock which layer holds which package: later " +
            "builds keep layers stable",
        )
        .argument("<file>", "an .imgspec file, or a folder with one", specFile)
        .argument("[nix-options...]", "options for `nix build`, after --")
        .option("-o, --out-link <path>", "name of the symbolic link to the result", "result")
        .option("--no-link", "create no link")
        .addOption(imageOption("compile only this image and its bases"))
        .addOption(setOption())
        .addOption(platformOption())
        .addOption(nixpkgsOption())
        .addOption(jsonOption("the result"))
        .action(async (file: string, nix: string[], options: BuildCommandOptions) =>
          (await import("./commands/build.ts")).build(file, behindDashes(nix), options),
        ),
    plan: (command) =>
      command
        .summary("show which layer holds which path, and why")
        .description("show which layer holds which path and why, and the expected cost of a rebuild")
        .argument(
          "<image>",
          "an .imgspec file or a folder with one (builds the plan only), or an image directory",
          specOrImage,
        )
        .option(
          "--why <path>",
          "show the layer of a store path or package, and the references that pull it into the image",
        )
        .addOption(pageOption("write a web page: treemap, references, files; it needs no network"))
        .option("--open", "open the page in a browser")
        .option("--before <image>", "with --html or --open: the image that clients have, to see what they pull again")
        .addOption(imageOption())
        .addOption(platformOption())
        .addOption(setOption())
        .addOption(nixpkgsOption())
        .action(async (image: string, options: PlanCommandOptions) =>
          (await import("./commands/plan.ts")).plan(image, options),
        ),
  },
  "Use images:": {
    verify: (command) =>
      command
        .summary("recompute all digests of an image, and check it")
        .description("recompute and check an image: digests, sizes, layers, closure, config, users, expectations")
        .argument("<image>", "an image directory, an OCI layout, an archive (OCI or Docker), or a registry reference")
        .option("--deep", "also check the NAR hashes of store paths")
        .addOption(publicKeyOption())
        .option(
          "--provenance",
          "with --key: also hold the signed provenance against the image: every store path is named",
        )
        .addOption(jsonOption("a report"))
        .addOption(insecureOption())
        .action(async (image: string, options: VerifyCommandOptions) =>
          (await import("./commands/verify.ts")).verify(image, options),
        ),
    serve: (command) =>
      command
        .summary("serve images as a registry to pull from")
        .description("serve image directories as a registry to pull from; layers are made on request")
        .argument("<image...>", "image directories; links to new builds are followed")
        .option("--listen <address:port>", "where to listen (default: a free port of 127.0.0.1)")
        .action(async (images: string[], options: { listen?: string }) =>
          (await import("./commands/serve.ts")).serve(images, options),
        ),
    push: (command) =>
      command
        .summary("push an image; sends only the missing layers")
        .description("push an image to registries with skopeo; sends only the missing layers")
        .argument("<image>", "an image directory, a digests file, or an .imgspec file to build first", specOrImage)
        .argument("<reference...>", "registry.example.org/name:tag (default tag: the image's)")
        .option("--dry-run", "send nothing; print which layers and how many bytes would be sent")
        .addOption(insecureOption())
        .addOption(attachedBillOption())
        .option(
          "--sign <key>",
          "sign the pushed image with a private key: cosign's, or PKCS#8; password in COSIGN_PASSWORD",
        )
        .addOption(attestOption())
        .option(
          "--sign-command <command>",
          "sign with a command, which reads bytes and writes a signature; --sign names the public key",
        )
        .addOption(imageOption())
        .addOption(setOption())
        .addOption(nixpkgsOption())
        .action(async (image: string, references: string[], options: PushCommandOptions) =>
          (await import("./commands/push.ts")).push(image, references, options),
        ),
    rebase: (command) =>
      command
        .summary("replace the base of an image in a registry")
        .description(
          "replace the base of an image in a registry: sends a new manifest and config, builds nothing, and reads no layer of the image",
        )
        .argument("<reference>", "the image: registry.example.org/name:tag")
        .requiredOption("--onto <reference>", "the new base, in a registry")
        .addOption(insecureOption())
        .action(async (reference: string, options: RebaseCommandOptions) =>
          (await import("./commands/rebase.ts")).rebase(reference, options),
        ),
    load: (command) =>
      command
        .summary("load an image into podman or docker")
        .description("load an image into podman or docker; moves only the missing layers")
        .argument("<image>", "an image directory, or an .imgspec file to build first", specOrImage)
        .addOption(intoOption())
        .addOption(imageOption())
        .addOption(setOption())
        .addOption(nixpkgsOption())
        .action(async (image: string, options: LoadCommandOptions) =>
          (await import("./commands/load.ts")).load(image, options),
        ),
    run: (command) =>
      command
        .summary("build and load an image if necessary, and run it")
        .description(
          "build an image if necessary, load it into podman or docker, and run it; a container that does not end within a second " +
            "after Ctrl-C is killed",
        )
        .argument("<image>", "an image directory, or an .imgspec file to build first", specOrImage)
        .argument("[args...]", "arguments for the container, after --")
        .addOption(engineOption("-p, --publish <ports>", "publish a port of the container, such as 8080:80"))
        .addOption(engineOption("-e, --env <name[=value]>", "set a variable, or pass on this shell's"))
        .addOption(engineOption("-v, --volume <paths>", "mount a folder or volume, such as ./data:/data"))
        .addOption(engineOption("--engine-option <option>", "pass an option to `podman run` or `docker run`"))
        .addOption(intoOption())
        .addOption(imageOption())
        .addOption(setOption())
        .addOption(nixpkgsOption())
        .action(async (image: string, args: string[], options: RunCommandOptions) =>
          (await import("./commands/run.ts")).run(image, behindDashes(args), options),
        ),
    export: (command) =>
      command
        .summary("write images as an archive or a folder for other tools")
        .description(
          "write images as an OCI layout or archive for other tools, with each layer once; or the file system of one image as " +
            "a tar archive",
        )
        .argument("<image...>", "image directories, or an .imgspec file to build first", specsOrImages)
        .addOption(
          new Option("--to <form>", "the format")
            .choices(["oci", "oci-archive", "docker-archive", "tar"])
            .makeOptionMandatory(),
        )
        .addOption(outputOption("the file or folder; - for standard output", "path").default("-"))
        .addOption(imagesOption())
        .addOption(setOption())
        .addOption(nixpkgsOption())
        .action(async (images: string[], options: ExportCommandOptions) =>
          (await import("./commands/export.ts")).exportCommand(images, options),
        ),
    diff: (command) =>
      command
        .summary("compare two images, and show what clients must pull")
        .description("compare two images, and show what clients of the first must pull for the second")
        .argument(
          "<before>",
          "an image directory, an OCI layout or archive, a Docker archive, a registry reference, or an .imgspec file",
          specOrImage,
        )
        .argument("<after>", "the same kinds", specOrImage)
        .addOption(jsonOption("the whole comparison"))
        .addOption(insecureOption())
        .addOption(imageOption())
        .addOption(platformOption())
        .addOption(setOption())
        .addOption(nixpkgsOption())
        .action(async (before: string, after: string, options: DiffCommandOptions) =>
          (await import("./commands/diff.ts")).diff(before, after, options),
        ),
    sbom: (command) =>
      command
        .summary("write the bill of materials of an image")
        .description("write a bill of materials of an image")
        .argument("<image>", "an image directory, or an .imgspec file to build first", specOrImage)
        .addOption(billFormatOption())
        .addOption(outputOption("the file (default: standard output)"))
        .addOption(imageOption())
        .addOption(platformOption())
        .addOption(setOption())
        .addOption(nixpkgsOption())
        .action(async (image: string, options: SbomCommandOptions) =>
          (await import("./commands/sbom.ts")).sbom(image, options),
        ),
  },
  "Other:": {
    completion: (command) =>
      command
        .description("print a completion script for a shell")
        .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
        .action(async (shell: ShellName) =>
          (await import("./commands/completion.ts")).completion(createProgram(), shell),
        ),
    version: (command) =>
      command
        .description("print the version, as --version does")
        .action(() => void process.stdout.write(`${manifest.version}\n`)),
  },
};

/**
 * Creates the program with the command `name`, if there is a command of this name; otherwise with all commands. Other
 * commands than the one to run are not declared, so that the program starts faster.
 */
export function createProgram(name = ""): Command {
  const program = new Command("imgc")
    .description("Container images with Nix, from a small typed description.")
    .version(manifest.version)
    // List only the commands' names, so that lines fit into 80 columns. `imgc COMMAND --help` shows the arguments.
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      optionDescription: (option) => new Help().optionDescription(option).replace(" (default: none)", ""),
    })
    .showHelpAfterError("(imgc --help shows the commands)")
    .addOption(colorOption())
    .addHelpText("after", FIRST_STEPS)
    .addHelpText(
      "after",
      "\nExit codes: 0 success, 1 mistakes or findings in the input, 2 wrong usage, 3 a\nfailing tool or environment.",
    )
    .configureOutput({ writeErr: (text) => void process.stderr.write(printable(text)) })
    .exitOverride();

  const isKnown = Object.values(GROUPS).some((commands) => Object.hasOwn(commands, name));
  for (const [title, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(title);
    for (const [each, declare] of Object.entries(commands)) {
      if (isKnown && each !== name) continue;
      const command = declare(program.command(each));
      command.addHelpText("after", examplesText(each));
      const nix = each === "build" ? "; options of `nix build` stand after --" : "";
      command.showHelpAfterError(`(imgc ${each} --help explains the command${nix})`);
    }
  }
  program.helpCommand(true);

  program.hook("preAction", (_, command) => {
    colors.mode = program.opts<{ color: ColorMode }>().color;
    const { image = [] } = command.opts<{ image?: string | string[] }>();
    // Commands whose argument is called `file` accept only .imgspec files.
    if (image.length === 0 || command.registeredArguments[0]?.name() === "file") return;
    if ((command.processedArgs as unknown[]).flat().some((each) => typeof each === "string" && isSpec(each))) return;
    throw new ImgcError(EXIT.usage, `--image needs an .imgspec file, but ${command.args[0]} is not one; omit --image`);
  });

  return program;
}

/** Arguments for another program, which must follow `--`. */
function behindDashes(args: string[]): string[] {
  const dashes = process.argv.indexOf("--");
  if (args.length > 0 && process.argv.length - dashes - 1 !== args.length) {
    throw new ImgcError(EXIT.usage, `unexpected argument ${args[0]}; put options for another program after --`);
  }
  return args;
}
