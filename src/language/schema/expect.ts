// What must be true of a built image.
import * as z from "zod/mini";
import { block, defaults } from "../types/block.ts";
import { flag, optional, sequence } from "../types/combine.ts";
import { list } from "../types/list.ts";
import { bound } from "../types/misc.ts";
import { amount, integer, integerUnit, sizeUnit } from "../types/number.ts";
import { packageType } from "../types/package.ts";
import { many, setting } from "../types/setting.ts";
import { text } from "../types/text.ts";
import { textSchema, type Text } from "../types/values.ts";

const runSettings = {
  exit: setting(integer(0, 255), 0, { doc: "The exit code.", example: "exit 0" }),
  stdout: setting(text, null, { doc: "What it prints.", example: 'stdout "ok\\n"' }),
};
interface Run {
  command: Text[];
  exit: number;
  stdout: Text | null;
}
const runSchema = (): z.ZodMiniType<Run> =>
  z.strictObject({ command: z.array(textSchema()), exit: z.int(), stdout: z.union([textSchema(), z.null()]) });

export const expectSettings = {
  size: many(bound(amount(sizeUnit)), { doc: "The image's size.", example: "size <= 250MiB" }),
  layers: many(bound(amount(integerUnit)), { doc: "The number of layers.", example: "layers <= 80" }),
  layerSize: many(bound(amount(sizeUnit)), { doc: "The size of every layer.", example: "layer-size <= 100MiB" }),
  absent: setting(list(packageType, "packages"), [], {
    doc:
      "Packages that must not be in the image, in any version and with any output; `openssl.dev` means that output alone. " +
      "A wrapper, such as nixpkgs' `gcc`, also means the package that it wraps, but not that package's libraries.",
    example: "absent [ gcc ]",
  }),
  present: setting(list(packageType, "packages"), [], {
    doc: "Packages that must be in the image, with any output; `openssl.dev` means that output alone.",
    example: "present [ cacert ]",
  }),
  noSetuid: setting(flag, false, { doc: "No file is setuid or setgid.", example: "no-setuid" }),
  noWorldWritable: setting(flag, false, { doc: "No file is writable by everyone.", example: "no-world-writable" }),
  reproducible: setting(flag, false, {
    doc: "Building again gives the same image: its parts, and the packages that this machine built.",
    example: "reproducible",
  }),
  run: many(
    sequence(
      [list(text, "strings"), optional(block(runSettings), defaults(runSettings))],
      runSchema,
      (command, rest): Run => ({ command, ...rest }),
    ),
    {
      doc: "A command that works in a container of the image (by podman, docker or runc), and ends within five minutes.",
      example: 'run [ "/bin/api" "--version" ] { exit 0 }',
    },
  ),
};
