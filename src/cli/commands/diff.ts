/** `imgc diff`: compares two images, and shows what clients of the first must pull for the second. */
import type { SpecOptions } from "../../app/compile.ts";
import { compareImages } from "../../app/diff.ts";
import { printableJson } from "../../util/printable.ts";
import { diffText } from "../terminal/diff-text.ts";
import { layoutOf } from "../terminal/style.ts";
import { FETCHING, reporting } from "../terminal/reporter.ts";
import { onInterrupt } from "../terminal/signals.ts";

export interface DiffCommandOptions extends SpecOptions {
  insecure?: boolean;
  json?: boolean;
}

export async function diff(
  before: string,
  after: string,
  { insecure = false, json = false, ...options }: DiffCommandOptions,
): Promise<void> {
  const difference = await reporting(
    onInterrupt(),
    async (context) => await compareImages(before, after, { ...options, ...FETCHING, insecure }, context),
    { idle: "comparing" },
  );
  process.stdout.write(
    json ? `${printableJson(JSON.stringify(difference, null, 2))}\n` : diffText(difference, layoutOf(process.stdout)),
  );
}
