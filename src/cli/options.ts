/** The options that several commands have: each flag is declared here once. */
import { existsSync } from "node:fs";
import { InvalidArgumentError, Option } from "commander";
import { isSpec } from "../app/spec-files.ts";
import { printableLine } from "../util/printable.ts";
import { BILL_FORMATS, DOCUMENT_FORMATS } from "../sbom/formats.ts";
import { COLOR_MODES } from "./terminal/color-mode.ts";

export function imageOption(description = "the image, if the .imgspec file has several"): Option {
  return single(new Option("--image <name>", description));
}

export function imagesOption(): Option {
  return repeatable(imageOption("an image of the .imgspec file; repeatable"));
}

export function setOption(): Option {
  return repeatable(new Option("--set <name=value>", "set a parameter; repeatable"));
}

export function nixpkgsOption(description = "use this package set instead of the file's"): Option {
  return new Option("--nixpkgs <path>", description).argParser((value: string) => {
    if (existsSync(value)) return value;
    const isReference = /^[a-z][a-z0-9+.-]*:/i.test(value);
    const advice = `write \`nixpkgs "${printableLine(value)}"\` into the description, and pin it with \`imgc lock\``;
    throw new InvalidArgumentError(isReference ? `A flake reference is not a path: ${advice}.` : "It does not exist.");
  });
}

export function platformOption(): Option {
  return single(new Option("--platform <os/architecture>", "only this platform, such as linux/arm64"));
}

export function outputOption(description: string, value: "file" | "path" = "file"): Option {
  return notSpec(new Option(`-o, --output <${value}>`, description));
}

export function descriptionOutputOption(description: string): Option {
  return new Option("-o, --output <file>", description);
}

export function pageOption(description: string): Option {
  return notSpec(new Option("--html <file>", description));
}

export function jsonOption(result: string): Option {
  return new Option("--json", `print ${result} as JSON`);
}

export function stdinFilepathOption(description: string): Option {
  return new Option("--stdin-filepath <path>", description);
}

export function fromOption(description: string, kinds: readonly string[]): Option {
  return new Option("--from <kind>", description).choices(kinds);
}

export function formatOption(description: string, formats: readonly string[]): Option {
  return new Option("--format <format>", description).choices(formats);
}

export function billFormatOption(): Option {
  const description = "SPDX 3.0.1, CycloneDX 1.6, or the fixed CVEs as OpenVEX 0.2.0";
  return formatOption(description, DOCUMENT_FORMATS).default("spdx");
}

export function attachedBillOption(): Option {
  return new Option("--sbom [format]", "attach the bill of materials as a referrer")
    .choices(BILL_FORMATS)
    .preset("spdx");
}

export function insecureOption(): Option {
  return new Option("--insecure", "allow plain HTTP and unverified certificates");
}

export function attestOption(): Option {
  return new Option("--attest <statement>", "with --sign: attach a signed SLSA provenance").choices(["provenance"]);
}

export function publicKeyOption(): Option {
  return new Option("--key <file>", "also require a signature by this public key, in the registry");
}

export function intoOption(): Option {
  const description = "the container engine (default: the first one installed)";
  return new Option("--into <engine>", description).choices(["podman", "docker"]);
}

/** An option that `imgc run` passes to the container engine. */
export function engineOption(flags: string, description: string): Option {
  return repeatable(new Option(flags, `${description}; repeatable`));
}

export function colorOption(): Option {
  return new Option("--color <when>", "use colors").choices(COLOR_MODES).default("auto");
}

/** Collects the values of an option that may be given several times. */
function repeatable(option: Option): Option {
  return option.argParser((value: string, previous: string[]) => [...previous, value]).default([], "none");
}

/** Refuses a description as the output: the command would replace it. */
function notSpec(option: Option): Option {
  return option.argParser((value: string) => {
    if (isSpec(value)) throw new InvalidArgumentError("That is the name of a description: name another file.");
    return value;
  });
}

/** Refuses a second value: without this, commander silently drops the first. */
function single(option: Option): Option {
  return option.argParser((value: string, previous: string | undefined) => {
    if (previous !== undefined)
      throw new InvalidArgumentError(`This command takes one value; ${previous} is the first.`);
    return value;
  });
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
  return Number(text);
}
