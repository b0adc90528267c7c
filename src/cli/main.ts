/** The command line: names and options here, what each command does in a file of its own, loaded when it is called. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { printable } from "../util/printable.ts";
import type { BuildCommandFlags } from "./commands/build.ts";
import type { CheckCommand } from "./commands/check.ts";
import type { ShellName } from "./commands/completion.ts";
import type { CompileCommand } from "./commands/compile.ts";
import type { DiffFlags } from "./commands/diff.ts";
import type { ExportFlags } from "./commands/export.ts";
import type { LockFlags } from "./commands/lock.ts";
import type { LoadFlags } from "./commands/load.ts";
import type { PlanFlags } from "./commands/plan.ts";
import type { PushFlags } from "./commands/push.ts";
import type { SbomFlags } from "./commands/sbom.ts";
import type { RunFlags } from "./commands/run.ts";
import { EXIT, interruption, ImgcError, isOfMachine } from "../util/errors.ts";
import type { FmtOptions } from "./commands/fmt.ts";
import type { InitFlags } from "./commands/init.ts";

const program = new Command("imgc")
  .description("Container images with Nix, from a small typed description.")
  .version(manifest.version)
  // What a command takes is in its own help: the list fits into 80 columns.
  .configureHelp({ subcommandTerm: (command) => command.name() })
  .showHelpAfterError("(imgc --help shows the commands)")
  .addHelpText(
    "after",
    "\nExit codes: 0 fine, 1 findings in the input, 2 wrong usage, 3 a failing tool or\nenvironment.",
  )
  .configureOutput({ writeErr: (text) => void process.stderr.write(printable(text)) })
  .exitOverride();

program
  .command("init")
  .description("write a first image description; on a terminal, it asks for what the options do not say")
  .argument("[file]", "the file to write; one that is there stays as it is", "image.imgspec")
  .addOption(new Option("--from <kind>", "what the image is made from").choices(["nix", "python", "node", "static"]))
  .option("--name <name>", "the image's name (default: the folder's)")
  .option("--package <attribute>", "from nix: the package")
  .option("--copy <path>", "from the others: what to copy into the image (default: what is found)")
  .action(async (file: string, options: InitFlags) => (await import("./commands/init.ts")).init(file, options));

program
  .command("check")
  .description("check image descriptions and show every mistake")
  .argument("<file...>", ".imgspec files, folders of them, or - for standard input")
  .addOption(
    new Option("--format <format>", "how mistakes are shown (default: pretty on a terminal, else unix)").choices([
      "pretty",
      "json",
      "sarif",
      "github",
      "unix",
    ]),
  )
  .option("--stdin-filepath <path>", "the name of what is read from standard input; imports are relative to it")
  .option("--deny-warnings", "exit with 1 on warnings as well")
  .option("--max-diagnostics <n>", "show no more than n of them", wholeNumber)
  .addOption(setOption())
  .option("--packages", "look up every package in the package set as well, with Nix")
  .option("--nixpkgs <path>", "with --packages: the package set, instead of what the files say")
  .option("--fix", "make the changes that are sure to be meant, and name them; show what remains")
  .action(async (files: string[], options: CheckCommand) =>
    (await import("./commands/check.ts")).check(files, options),
  );

program
  .command("explain")
  .description("say what a finding of check means, with a wrong and a right example")
  .argument("[code]", "what stands in brackets after a message; all are listed without it")
  .action(async (code: string | undefined) => (await import("./commands/explain.ts")).explain(code));

program
  .command("fmt")
  .description("lay out image descriptions; what has a mistake in its form stays as it is")
  .argument("[path...]", ".imgspec files, folders, or `-` for standard input (default: the current folder)")
  .option("--check", "change nothing; name the files that would change, and exit with 1 if there are any")
  .option("--diff", "change nothing; show what would change, and exit with 1 if anything would")
  .option("--stdin-filepath <path>", "what messages call standard input")
  .action(async (paths: string[], options: FmtOptions) => (await import("./commands/fmt.ts")).fmt(paths, options));

program
  .command("lsp")
  .description("serve an editor on standard input and output, as a language server")
  .option("--stdio", "the same, as many editors write it")
  .action(async () => (await import("./commands/lsp.ts")).lsp());

program
  .command("schema")
  .description("print the JSON schema of a checked file")
  .action(async () => (await import("./commands/schema.ts")).schema());

program
  .command("lock")
  .summary("write what references stand for, and which layer holds which package, into imgc.lock")
  .description(
    "write into imgc.lock what references of bases and of the package set stand for now, then build, and write which " +
      "package is in which layer, as `imgc build` does: later plans keep layers in place",
  )
  .argument("<file>", "an .imgspec file; the lock file is beside it")
  .option("--update", "look again what is pinned already")
  .addOption(setOption())
  .option("--nixpkgs <path>", "the package set, instead of what the file says")
  .action(async (file: string, options: LockFlags) => (await import("./commands/lock.ts")).lock(file, options));

program
  .command("compile")
  .description("compile an image description to a Nix expression on standard output")
  .argument("<file>", "an .imgspec file")
  .option("--image <name>", "the one image that is meant, and its bases")
  .addOption(setOption())
  .option("--platform <os/architecture>", "the one platform that is meant, such as linux/arm64")
  .option("--nixpkgs <path>", "the package set, instead of what the file says")
  .option(
    "-o, --output <file>",
    "write the expression to a file that can be committed: relative paths, imgc as an argument",
  )
  .option(
    "--flake <dir>",
    "write a folder that builds the same image as a flake, the package set as its input, `cache` as its nixConfig",
  )
  .action(async (file: string, options: CompileCommand) =>
    (await import("./commands/compile.ts")).compile(file, options),
  );

program
  .command("build")
  .summary("compile an image description and build it with Nix")
  .description(
    "compile an image description and build it with Nix, and write which package is in which layer into imgc.lock beside " +
      "it: later plans keep layers in place",
  )
  .argument("<file>", "an .imgspec file")
  .argument("[nix-options...]", "after --: options for `nix build`")
  .option("-o, --out-link <path>", "name of the link to the result", "result")
  .option("--no-link", "make no link")
  .option("--image <name>", "the one image that is meant, and its bases")
  .addOption(setOption())
  .option("--platform <os/architecture>", "the one platform that is meant, such as linux/arm64")
  .option("--nixpkgs <path>", "the package set, instead of what the file says")
  .option("--json", "print what was built as JSON")
  .action(async (file: string, nix: string[], options: BuildCommandFlags) =>
    (await import("./commands/build.ts")).build(file, behindDashes(nix), options),
  );

program
  .command("plan")
  .description("show which layer holds what, which step put it there, and what a rebuild is expected to move")
  .argument("<image>", "an .imgspec file (nothing but the plan is made), or an image directory")
  .option("--why <path>", "where a store path or package is, and the chain that brings it into the image")
  .option("--html <file>", "write a page to explore: treemap, references, files; it needs no network")
  .option("--open", "show that page in a browser")
  .option("--before <image>", "with --html or --open: what clients have, to see what they pull again")
  .option("--image <name>", "the one image that is meant")
  .addOption(setOption())
  .option("--nixpkgs <path>", "the package set, instead of what the file says")
  .action(async (image: string, options: PlanFlags) => (await import("./commands/plan.ts")).plan(image, options));

program
  .command("verify")
  .description("recompute all that an image claims: digests, sizes, layers, closure, config, users, expectations")
  .argument("<image>", "an image directory, an OCI layout, an archive (OCI or Docker), or a registry reference")
  .option("--deep", "also hold the files against the hashes by which Nix knows their store paths")
  .option("--json", "print a report as JSON")
  .option("--insecure", "allow plain HTTP and unverified certificates")
  .action(async (image: string, options: { json?: boolean; deep?: boolean; insecure?: boolean }) =>
    (await import("./commands/verify.ts")).verify(image, options),
  );

program
  .command("serve")
  .description("show image directories as a registry to pull from; layers are made when they are asked for")
  .argument("<image...>", "image directories; links are followed again after every build")
  .option("--listen <address:port>", "where to listen (default: 127.0.0.1, any port that is free)")
  .action(async (images: string[], options: { listen?: string }) =>
    (await import("./commands/serve.ts")).serve(images, options),
  );

program
  .command("push")
  .description("push an image to registries, with skopeo; only what they lack is made and sent")
  .argument("<image>", "an image directory, a file of digests, or an .imgspec file to build first")
  .argument("<reference...>", "registry.example.org/name:tag; without a tag, the image's own")
  .option("--dry-run", "say which layers would be sent, and how many bytes")
  .option("--insecure", "allow plain HTTP and unverified certificates")
  .addOption(
    new Option("--sbom [format]", "attach its bill of materials, as a referrer")
      .choices(["spdx", "cyclonedx"])
      .preset("spdx"),
  )
  .option("--image <name>", "the image of the .imgspec file that is meant")
  .addOption(setOption())
  .option("--nixpkgs <path>", "the package set, instead of what the file says")
  .action(async (image: string, references: string[], options: PushFlags) =>
    (await import("./commands/push.ts")).push(image, references, options),
  );

program
  .command("load")
  .description("put an image into podman or docker, moving only the layers it lacks")
  .argument("<image>", "an image directory, or an .imgspec file to build first")
  .addOption(intoOption())
  .option("--image <name>", "the image of the .imgspec file that is meant")
  .addOption(setOption())
  .option("--nixpkgs <path>", "the package set, instead of what the file says")
  .action(async (image: string, options: LoadFlags) => (await import("./commands/load.ts")).load(image, options));

program
  .command("run")
  .description("build an image where it has to be, load it, and run it")
  .argument("<image>", "an image directory, or an .imgspec file to build first")
  .argument("[args...]", "after --: arguments for the container")
  .addOption(severalOption("-p, --publish <ports>", "show a port of the container, as podman and docker have it"))
  .addOption(intoOption())
  .option("--image <name>", "the image of the .imgspec file that is meant")
  .addOption(setOption())
  .option("--nixpkgs <path>", "the package set, instead of what the file says")
  .action(async (image: string, args: string[], options: RunFlags) =>
    (await import("./commands/run.ts")).run(image, behindDashes(args), options),
  );

program
  .command("export")
  .description(
    "write images as an OCI layout or as an archive for other tools, each layer once; or one image as the file system " +
      "that its layers make",
  )
  .argument("<image...>", "image directories, or an .imgspec file to build first")
  .addOption(
    new Option("--to <form>", "what to write")
      .choices(["oci", "oci-archive", "docker-archive", "tar"])
      .makeOptionMandatory(),
  )
  .option("-o, --output <path>", "the file or folder; - is standard output", "-")
  .addOption(severalOption("--image <name>", "an image of the .imgspec file that is meant; once for each"))
  .addOption(setOption())
  .option("--nixpkgs <path>", "the package set, instead of what the file says")
  .action(async (images: string[], options: ExportFlags) =>
    (await import("./commands/export.ts")).exportImages(images, options),
  );

program
  .command("diff")
  .description("say what differs between two images, and what whoever has the first must pull for the second")
  .argument(
    "<before>",
    "an image directory, an OCI layout or archive, a Docker archive, a registry reference, or an .imgspec file",
  )
  .argument("<after>", "likewise")
  .option("--json", "print all of it as JSON")
  .option("--insecure", "allow plain HTTP and unverified certificates")
  .option("--image <name>", "the image of the .imgspec files that is meant")
  .option("--platform <os/architecture>", "the one platform that is meant, such as linux/arm64")
  .addOption(setOption())
  .option("--nixpkgs <path>", "the package set, instead of what the files say")
  .action(async (before: string, after: string, options: DiffFlags) =>
    (await import("./commands/diff.ts")).diff(before, after, options),
  );

program
  .command("sbom")
  .description("list what an image is made of, as a bill of materials")
  .argument("<image>", "an image directory, or an .imgspec file to build first")
  .addOption(
    new Option("--format <format>", "SPDX 3.0.1 or CycloneDX 1.6").choices(["spdx", "cyclonedx"]).default("spdx"),
  )
  .option("-o, --output <file>", "write it there, not to standard output")
  .option("--image <name>", "the image of the .imgspec file that is meant")
  .addOption(setOption())
  .option("--nixpkgs <path>", "the package set, instead of what the file says")
  .action(async (image: string, options: SbomFlags) => (await import("./commands/sbom.ts")).sbom(image, options));

program
  .command("completion")
  .description("print a script that completes commands, options and files in a shell")
  .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
  .action(async (shell: ShellName) => (await import("./commands/completion.ts")).completion(program, shell));

/** What is meant for another program stands behind `--`. */
function behindDashes(args: string[]): string[] {
  const dashes = process.argv.indexOf("--");
  if (args.length > 0 && process.argv.length - dashes - 1 !== args.length) {
    throw new ImgcError(EXIT.usage, `what is ${args[0]}? Options for another program stand behind --`);
  }
  return args;
}

process.stdout.on("error", cannotWrite);
process.stderr.on("error", cannotWrite);

for (const command of program.commands) {
  command.showHelpAfterError(`(imgc ${command.name()} --help says what it takes)`);
}

program.parseAsync().catch((failure: unknown) => {
  const error = interruption.received ?? failure;
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  else if (error instanceof ImgcError) {
    if (error.message !== "") process.stderr.write(`imgc: ${printable(error.message)}\n`);
    process.exitCode = error.exitCode;
  } else if (isOfMachine(error)) {
    const temporary = process.env["TMPDIR"] ?? "/tmp";
    process.stderr.write(
      `imgc: ${printable(error.message)} (what is temporary goes to ${temporary}, as TMPDIR says)\n`,
    );
    process.exitCode = EXIT.environment;
  } else {
    const what = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`imgc: this is a mistake of imgc itself, and worth a report:\n${printable(what ?? "")}\n`);
    process.exitCode = EXIT.environment;
  }
});

function cannotWrite(error: NodeJS.ErrnoException): never {
  // A reader that has seen enough (`| head`) ends us without a word, as SIGPIPE ends other programs.
  if (error.code === "EPIPE") process.exit(141);
  process.stderr.write(`imgc: what it printed could not be written: ${printable(error.message)}\n`);
  process.exit(EXIT.environment);
}

function wholeNumber(written: string): number {
  if (!/^\d{1,9}$/.test(written)) throw new InvalidArgumentError("It is a whole number.");
  return Number(written);
}

function setOption(): Option {
  return severalOption("--set <name=value>", "give a parameter its value; once for each");
}

function severalOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect).default([], "none");
}

function intoOption(): Option {
  return new Option("--into <engine>", "what runs containers here (default: the first that is installed)").choices([
    "podman",
    "docker",
  ]);
}

function collect(each: string, given: string[]): string[] {
  return [...given, each];
}
