// The settings of an image: the table everything else is made from.
import { block, defaults } from "../types/block.ts";
import { cacheSettings } from "./cache.ts";
import { keyword } from "../types/choice.ts";
import { base, compression, created, tag, type Compression } from "./identity.ts";
import { configSettings } from "./config.ts";
import { record } from "../types/entries.ts";
import { expectSettings } from "./expect.ts";
import { files, groups, permissions, users } from "./files.ts";
import { layers, layersDefault } from "./layers.ts";
import { list } from "../types/list.ts";
import { nixSettings } from "./nix.ts";
import { packageType } from "../types/package.ts";
import { platform } from "./platform.ts";
import { derived, setting } from "../types/setting.ts";
import { text } from "../types/text.ts";
import type { Text } from "../types/values.ts";

const provisions = keyword("sh", "env", "certificates", "tmp", "users");
const provided = list(provisions, provisions.label);

export const imageSettings = {
  tag: setting(tag, null, { doc: "The image's tag; a hash of its content when left out.", example: 'tag "v1"' }),
  base: setting(
    base,
    { kind: "scratch" },
    { doc: "The image this one is put on.", example: 'base registry "docker.io/library/alpine:3.22"' },
  ),
  platforms: setting(list(platform, "platforms"), [], {
    doc: "What the image is built for; the builder's own platform when left out.",
    example: "platforms [ linux/amd64 linux/arm64 ]",
  }),
  packages: setting(list(packageType, "packages"), [], {
    doc:
      "Packages whose closure is in the image, and which are linked at `/bin`, `/etc`, `/lib`, `/share`. " +
      "Of a package with several outputs, these are the ones in `meta.outputsToInstall`, as `nix-env` installs them; " +
      "`openssl.dev` is that output alone.",
    example: "packages [ bashInteractive coreutils ]",
  }),
  store: setting(list(packageType, "packages"), [], {
    doc: "Packages whose closure is in the image's store only. The outputs are the same as in `packages`.",
    example: "store [ glibcLocales ]",
  }),
  provide: setting(provided, [], {
    doc: "Files that many programs expect: `/bin/sh`, `/usr/bin/env`, CA certificates, a `/tmp` for everyone, and `users`: root and nobody in `/etc/passwd` and `/etc/group`.",
    example: "provide [ sh certificates tmp ]",
  }),
  files: setting(files, [], {
    doc: "Files by path. A copied folder merges with other files at its path, also through links. If two files meet at one path, the more specific entry wins, then `files`, then packages, then the base.",
    example: 'files { "/app" copy ./src }',
  }),
  users: setting(users, [], {
    doc: "Users by name; root and nobody come with it.",
    example: "users { api { uid 1000 gid 1000 } }",
  }),
  groups: setting(groups, [], {
    doc: "Groups by name, each with a unique id.",
    example: "groups { staff { gid 50 members [ nobody ] } }",
  }),
  permissions: setting(permissions, [], {
    doc: "Modes, owners and capabilities by glob, applied as a layer is written, also to files of the base, which are then written again, whole (`imgc plan` shows how many bytes). A rule that fits nothing fails the build. With wildcards, a mode that lets nobody execute leaves folders open to those who may read them. `*` and `?` stay within a name, `**` crosses folders; `[a-z]` is one of these characters, `[!a-z]` none of them, `{a,b}` either.",
    example: 'permissions { "/app/**" { mode 0755 } }',
  }),
  config: setting(block(configSettings), defaults(configSettings), {
    doc: "How the image is run: the OCI image config.",
    example: 'config { entrypoint [ "/bin/api" ] }',
  }),
  annotations: setting(record(text), {} as Record<string, Text>, {
    doc: "Annotations of the manifest.",
    example: 'annotations { "org.opencontainers.image.licenses" "MIT" }',
  }),
  author: setting(text, null, { doc: "Who made the image.", example: 'author "Shop <dev@example.org>"' }),
  created: setting(created, null, {
    doc: "The image's date; one second past the epoch when left out, so that a build is reproducible.",
    example: 'created "2026-01-01T00:00:00Z"',
  }),
  layers: setting(layers, layersDefault, {
    doc: "How the closure is split into layers, the deepest first.",
    example: 'layers { max 80 layer "runtime" [ glibc ] auto }',
  }),
  cache: setting(block(cacheSettings), defaults(cacheSettings), {
    doc: "What a build reuses, and where results are kept.",
    example: 'cache { reuse layer store "./cache" }',
  }),
  nix: setting(block(nixSettings), null, {
    doc: "Makes Nix work inside the image.",
    example: 'nix { user "root" }',
  }),
  output: setting(keyword("raw", "oci", "docker-archive", "oci-archive"), "raw", {
    doc: "The form a build leaves; `raw` copies nothing into the store.",
    example: "output oci-archive",
  }),
  manifest: setting(keyword("oci", "docker"), "oci", {
    doc: "The manifest's format: OCI image-spec v1, or Docker schema 2 version 2.",
    example: "manifest docker",
  }),
  compression: derived(
    compression,
    (read): Compression => ({ algorithm: read.get("manifest") === "docker" ? "gzip" : "zstd", level: null }),
    { doc: "How layers are compressed; `zstd`, or `gzip` with `manifest docker`.", example: "compression gzip 9" },
  ),
  expect: setting(block(expectSettings), defaults(expectSettings), {
    doc: "What must be true of the image, checked when it is built.",
    example: "expect { size <= 250MiB }",
  }),
};
export type ImageSettings = typeof imageSettings;
