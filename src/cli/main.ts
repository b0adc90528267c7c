/** The command line: names and options here, what each command does in a file of its own, loaded when it is called. */
import { Command, CommanderError } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { EXIT, UserError } from "./exit.ts";
import type { FmtOptions } from "./fmt.ts";

const program = new Command("imgc")
  .description("Container images with Nix, from a small typed description.")
  .version(manifest.version)
  .showHelpAfterError("(imgc --help shows the commands)")
  .addHelpText(
    "after",
    "\nExit codes: 0 fine, 1 findings in the input, 2 wrong usage, 3 a failing tool or environment.",
  )
  .exitOverride();

program
  .command("check")
  .description("check image descriptions and show every mistake")
  .argument("<file...>", ".imgspec files")
  .action(async (files: string[]) => (await import("./check.ts")).check(files));

program
  .command("fmt")
  .description("lay out image descriptions; what has a mistake in its form stays as it is")
  .argument("[path...]", ".imgspec files, folders, or `-` for standard input (default: the current folder)")
  .option("--check", "change nothing; name the files that would change, and exit with 1 if there are any")
  .option("--diff", "change nothing; show what would change, and exit with 1 if anything would")
  .option("--stdin-filepath <path>", "what messages call standard input")
  .action(async (paths: string[], options: FmtOptions) => (await import("./fmt.ts")).fmt(paths, options));

program
  .command("compile")
  .description("compile an image description to a Nix expression on standard output")
  .argument("<file>", "an .imgspec file")
  .option("--image <name>", "the one image that is meant, and its bases")
  .option("--nixpkgs <path>", "the package set, where the file does not say")
  .action(async (file: string, options: { image?: string; nixpkgs?: string }) =>
    (await import("./compile.ts")).compile(file, options),
  );

program
  .command("verify")
  .description("recompute all that an image claims: digests, sizes, layers, closure, expectations")
  .argument("<image>", "an image directory or an OCI layout")
  .option("--json", "print a report as JSON")
  .action(async (image: string, options: { json?: boolean }) => (await import("./verify.ts")).verify(image, options));

program
  .command("serve")
  .description("show image directories as a registry to pull from; layers are made when they are asked for")
  .argument("<image...>", "image directories; links are followed again after every build")
  .option("--listen <address:port>", "where to listen (default: 127.0.0.1, any port that is free)")
  .action(async (images: string[], options: { listen?: string }) =>
    (await import("./serve.ts")).serve(images, options),
  );

program
  .command("push")
  .description("push an image to registries, with skopeo; only what they lack is made and sent")
  .argument("<image>", "an image directory")
  .argument("<reference...>", "registry.example.org/name:tag; without a tag, the image's own")
  .option("--dry-run", "say which layers would be sent, and how many bytes")
  .option("--insecure", "allow plain HTTP and unverified certificates")
  .action(async (image: string, references: string[], options: { dryRun?: boolean; insecure?: boolean }) =>
    (await import("./push.ts")).push(image, references, options),
  );

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  else if (error instanceof UserError) {
    process.stderr.write(`imgc: ${error.message}\n`);
    process.exitCode = error.code;
  } else throw error;
});
