// Nix inside the image.
import { flag } from "../types/combine.ts";
import { record } from "../types/entries.ts";
import { list } from "../types/list.ts";
import { packageType } from "../types/package.ts";
import { setting } from "../types/setting.ts";
import { plain, text } from "../types/text.ts";
import type { Text } from "../types/values.ts";

export const nixSettings = {
  user: setting(plain, null, {
    doc: "Who owns the store and can build: as the base has it when left out, or root. Store paths in the base's layers keep their owner, so above a base whose store is root's, another user can build, but cannot delete these paths: collecting garbage inside fails at the first of them that nothing needs.",
    example: 'user "root"',
  }),
  buildable: setting(list(packageType, "packages"), [], {
    doc: "Packages that can be built inside, offline.",
    example: "buildable [ hello ]",
  }),
  nixpkgs: setting(flag, false, {
    doc: "Puts the package set's source into the image and on `NIX_PATH`.",
    example: "nixpkgs",
  }),
  shell: setting(list(packageType, "packages"), [], {
    doc: "The image's environment is that of building these.",
    example: "shell [ hello ]",
  }),
  settings: setting(record(text), {} as Record<string, Text>, {
    doc: "Lines for `nix.conf`.",
    example: 'settings { experimental-features "nix-command flakes" }',
  }),
};
