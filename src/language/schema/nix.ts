/** The settings of Nix inside the image. */
import { flag } from "../types/combine.ts";
import { record } from "../types/entries.ts";
import { list } from "../types/list.ts";
import { packageType } from "../types/package.ts";
import { setting } from "../types/setting.ts";
import { plain, text } from "../types/text.ts";
import type { Text } from "../types/values.ts";

export const nixSettings = {
  user: setting(plain, null, {
    doc: "The user who owns the store and can build. The default is the user of the base, or root. Store paths in layers of the base keep their owner. So if root owns the store of the base, another user can build, but cannot delete those paths: garbage collection fails at the first unneeded one.",
    example: 'user "root"',
  }),
  buildable: setting(list(packageType, "packages"), [], {
    doc: "Packages that can be built inside the image without network: their inputs, sources and derivations are in the image.",
    example: "buildable [ hello ]",
  }),
  nixpkgs: setting(flag, false, {
    doc: "Puts the source of the package set into the image and on `NIX_PATH`.",
    example: "nixpkgs",
  }),
  shell: setting(list(packageType, "packages"), [], {
    doc: "The image has the environment for building the first package, with the inputs of the others.",
    example: "shell [ hello ]",
  }),
  settings: setting(record(text), {} as Record<string, Text>, {
    doc: "Lines of `nix.conf`.",
    example: 'settings { experimental-features "nix-command flakes" }',
  }),
};
