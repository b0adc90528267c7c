/** `imgc export`: streams an image as an OCI layout, an archive or a tar of its file system. */
import { createWriteStream, existsSync } from "node:fs";
import { prepare } from "../publish/prepare.ts";
import {
  archive,
  exportFiles,
  replace,
  rootFileSystem,
  writeFolder,
  writeStream,
  type ExportOptions,
  type Form,
} from "../publish/export.ts";
import { Realiser } from "../nix/realise.ts";
import { DamagedLayer, type LayerBlob } from "../serve/make.ts";
import { LayerPool } from "../serve/pool.ts";
import { bytes } from "./bytes.ts";
import type { CompileFlags } from "./compile-file.ts";
import { EXIT, UserError } from "./exit.ts";
import { imageArgument } from "./image-argument.ts";
import { Interrupted, onInterrupt } from "./interrupt.ts";
import { Screen } from "./screen.ts";

export interface ExportFlags extends CompileFlags {
  to: Form;
  /** A file or folder; "-" is standard output. */
  output: string;
}

export async function exportImage(path: string, flags: ExportFlags): Promise<void> {
  const { to, output } = flags;
  if (output === "-" && to === "oci") {
    throw new UserError(EXIT.usage, "an OCI layout is a folder: name it with -o, or take --to oci-archive");
  }
  if (output === "-" && process.stdout.isTTY) {
    throw new UserError(EXIT.usage, "an archive is nothing to read: name a file with -o, or pipe it on");
  }
  if (to === "oci" && existsSync(output)) throw new UserError(EXIT.usage, `${output} is there already`);
  const signal = onInterrupt();
  const image = await imageArgument(path, flags, signal);
  const screen = new Screen(process.stderr, () => []);
  const pool = new LayerPool();
  const realiser = new Realiser({ signal });
  try {
    const onLayer = ({ title, size }: LayerBlob) => {
      if (process.stderr.isTTY) screen.line(`${title}: wrote ${bytes(size)}`);
    };
    const options = { pool, onLayer };
    const stream = async () => {
      if (to !== "tar") return archive(await filesOf(to, options));
      return rootFileSystem(image, options, (count) =>
        screen.line(`${count} devices and pipes are left out: a container gets its own`),
      );
    };
    if (output === "-") await writeStream(await stream(), process.stdout, signal);
    else if (to === "oci") {
      const files = await filesOf(to, options);
      await replace(output, async (beside) => await writeFolder(files, beside, signal));
    } else {
      await replace(output, async (beside) => await writeStream(await stream(), createWriteStream(beside), signal));
    }
    screen.line(`${image.file.name}:${image.file.tag} is written to ${output === "-" ? "standard output" : output}`);
  } catch (error) {
    throw explain(error, signal, output);
  } finally {
    await pool.close();
    realiser.release();
  }

  async function filesOf(form: Exclude<Form, "tar">, options: ExportOptions) {
    const view = await prepare(image, pool, realiser.realise, (message) => screen.line(message));
    return exportFiles(image, view, form, options);
  }
}

function explain(error: unknown, signal: AbortSignal, output: string): unknown {
  if (signal.reason instanceof Interrupted) return new UserError(signal.reason.code, "interrupted; nothing was kept");
  if (error instanceof DamagedLayer) return new UserError(EXIT.environment, error.message);
  if (error instanceof Error && "code" in error) {
    return new UserError(EXIT.environment, `cannot write ${output}: ${error.message}`);
  }
  return error;
}
