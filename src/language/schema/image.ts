/** The table of an image's settings. The checker, the type of the Spec and the reference are derived from it. */
import { block, defaults } from "../types/block.ts";
import { cacheSettings } from "./cache.ts";
import { keyword } from "../types/choice.ts";
import { base, created, tag } from "./identity.ts";
import { compression, type Compression } from "./compression.ts";
import { configSettings } from "./config.ts";
import { record } from "../types/entries.ts";
import { expectSettings } from "./expect.ts";
import { files, groups, permissions, users } from "./files.ts";
import { layers, layersDefault } from "./layers.ts";
import { list } from "../types/list.ts";
import { nixSettings } from "./nix.ts";
import { packageType } from "../types/package.ts";
import { platform } from "./platform.ts";
import { platformText } from "../../oci/platform.ts";
import { derived, setting } from "../types/setting.ts";
import { text } from "../types/text.ts";
import type { Text } from "../types/values.ts";

const provisions = keyword("sh", "env", "certificates", "tmp", "users");
const provided = list(provisions, provisions.label);

export const imageSettings = {
  tag: setting(tag, null, { doc: "The tag of the image. The default is a hash of the content.", example: 'tag "v1"' }),
  base: setting(
    base,
    { kind: "scratch" },
    {
      doc: "The image below this one. Its layers, files and config are inherited.",
      example: 'base registry "docker.io/library/alpine:3.22"',
    },
  ),
  platforms: setting(list(platform, "platforms", platformText), [], {
    doc: "The platforms of the image. The default is the platform of the machine that builds.",
    example: "platforms [ linux/amd64 linux/arm64 ]",
  }),
  packages: setting(list(packageType, "packages"), [], {
    doc:
      "Packages that are in the image with their closures, and whose files are linked at `/`, such as programs in `/bin`. " +
      "A package with several outputs stands for those in its `meta.outputsToInstall`, as for `nix-env`; " +
      "`openssl.dev` is that output alone.",
    example: "packages [ bashInteractive coreutils ]",
  }),
  store: setting(list(packageType, "packages"), [], {
    doc: "Packages that are in the store of the image with their closures, without links. The outputs are the same as in `packages`.",
    example: "store [ glibcLocales ]",
  }),
  provide: setting(provided, [], {
    doc: "Files that many programs expect: `/bin/sh`, `/usr/bin/env`, CA certificates, a world-writable `/tmp`; with `users`, root and nobody in `/etc/passwd` and `/etc/group`.",
    example: "provide [ sh certificates tmp ]",
  }),
  files: setting(files, [], {
    doc: "The files of the image, by path. A copied folder merges with other files at its path, also through links. If two files meet at one path, the more specific entry of `files` wins, then `files`, then packages, then the base. `remove` takes away what the base has at a path; with a second entry for the same path, that replaces a folder.",
    example: 'files { "/app" copy ./src }',
  }),
  users: setting(users, [], {
    doc: "The users of the image, by name. Root and nobody are added.",
    example: "users { api { uid 1000 gid 1000 } }",
  }),
  groups: setting(groups, [], {
    doc: "The groups of the image, by name, each with a unique id.",
    example: "groups { staff { gid 50 members [ nobody ] } }",
  }),
  permissions: setting(permissions, [], {
    doc: "Modes, owners and capabilities of the files that match a glob. They are applied while the layers are written, without root. Matching files of the base are written again as a whole; `imgc plan` shows how many bytes. A rule that matches no file fails the build, as does a rule that changes the executable bit of a file in the store if the image has a Nix database, which contains the hashes of store paths. If a glob has wildcards and its mode has no execute bits, folders get them wherever the mode allows reading. `*` and `?` match within a name, `**` also across folders. `[a-z]` matches one of the characters, `[!a-z]` any other character, and `{a,b}` one of the alternatives.",
    example: 'permissions { "/app/**" { mode 0755 } }',
  }),
  config: setting(block(configSettings), defaults(configSettings), {
    doc: "How containers of the image run: the OCI image config.",
    example: 'config { entrypoint [ "/bin/api" ] }',
  }),
  annotations: setting(record(text), {} as Record<string, Text>, {
    doc: "Annotations of the manifest, by name.",
    example: 'annotations { "org.opencontainers.image.licenses" "MIT" }',
  }),
  author: setting(text, null, { doc: "The author of the image.", example: 'author "Shop <dev@example.org>"' }),
  created: setting(created, null, {
    doc: "The date of the image. The default is one second past the epoch, so that builds are reproducible.",
    example: 'created "2026-01-01T00:00:00Z"',
  }),
  layers: setting(layers, layersDefault, {
    doc: "How the store paths are split into layers: steps in order, the deepest layer first.",
    example: 'layers { max 80 layer "runtime" [ glibc ] auto }',
  }),
  cache: setting(block(cacheSettings), defaults(cacheSettings), {
    doc: "Which parts a build can reuse, and where results are kept.",
    example: 'cache { reuse layer store "./cache" }',
  }),
  nix: setting(block(nixSettings), null, {
    doc: "Makes Nix work inside the image.",
    example: 'nix { user "root" }',
  }),
  output: setting(keyword("raw", "oci", "docker-archive", "oci-archive"), "raw", {
    doc: "The form of the result. `raw` is an image directory, for which nothing is copied into the store.",
    example: "output oci-archive",
  }),
  manifest: setting(keyword("oci", "docker"), "oci", {
    doc: "The format of the manifest: OCI image-spec v1, or Docker schema 2 version 2.",
    example: "manifest docker",
  }),
  compression: derived(
    compression,
    (read): Compression => ({ algorithm: read.get("manifest") === "docker" ? "gzip" : "zstd", level: null }),
    {
      doc: "How layers are compressed, with an optional level. With `manifest docker`, the default is `gzip`. A list makes two forms of the image behind one tag: old clients pull the `gzip` form, and Podman 5 the `zstd` form.",
      example: "compression zstd 6 { chunked }",
    },
  ),
  expect: setting(block(expectSettings), defaults(expectSettings), {
    doc: "Conditions that the image must meet. The build checks them, and so does `imgc verify`.",
    example: "expect { size <= 250MiB }",
  }),
};
export type ImageSettings = typeof imageSettings;
