/**
 * `imgc lock`: pins a spec's references and its images' layers in the lock file beside the spec. Builds the images to
 * get their layers.
 */
import { buildSpec } from "../../app/build.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { lockPath } from "../../app/lock-file.ts";
import { lockLayers } from "../../app/lock-layers.ts";
import { lockReferences } from "../../app/lock.ts";
import { printableLine } from "../../util/printable.ts";
import { reporting, terminalReporter } from "../terminal/reporter.ts";
import { writeAbove } from "../terminal/screen.ts";
import { onInterrupt, whileInterruptible } from "../terminal/signals.ts";

export interface LockCommandOptions extends Pick<SpecOptions, "set" | "nixpkgs"> {
  update?: boolean;
}

export async function lock(file: string, { update = false, ...options }: LockCommandOptions): Promise<void> {
  const isPinned = await pinReferences(file, update);
  try {
    const result = await reporting(
      onInterrupt(),
      async (context) => await buildSpec(file, { ...options, outLink: null }, context),
    );
    for (const [name, { contents, packages }] of lockLayers(file, result)) {
      const [layers, held] = [contents, packages].map((each) => Object.keys(each).length);
      process.stdout.write(`${printableLine(name)}  ${held} packages in ${layers} layers\n`);
    }
  } catch (error) {
    if (isPinned)
      process.stderr.write(
        `${printableLine(lockPath(file))}: references are pinned, but layers are unchanged because the build failed\n`,
      );
    throw error;
  }
}

/** Pins the references, and prints each pin. */
async function pinReferences(file: string, update: boolean): Promise<boolean> {
  using reporter = terminalReporter({ idle: "resolving references" });
  return await lockReferences(file, {
    update,
    reporter,
    stoppable: whileInterruptible,
    onPinned: (reference, pin) => writeAbove(process.stdout, `${printableLine(`${reference}  ${pin}`)}\n`),
  });
}
