/** Pairs of settings that an image cannot have both. */
import type { ImageSpec } from "./spec.ts";

export interface Conflict {
  /** The path of the setting that the diagnostic points at, in the image's block, and the setting with its value. */
  path: readonly [string, ...string[]];
  setting: string;
  /** The setting that excludes it. */
  otherPath: readonly [string, ...string[]];
  other: string;
  instead: string;
  isIn(spec: ImageSpec): boolean;
}

const archiveOfPlatforms = (output: "docker-archive" | "oci-archive"): Conflict => ({
  path: ["output"],
  setting: `output ${output}`,
  otherPath: ["platforms"],
  other: "several `platforms`",
  instead: "use `output oci`, or remove `output`",
  isIn: (spec) => spec.platforms.length > 1 && spec.output === output,
});

export const CONFLICTS: readonly Conflict[] = [
  {
    path: ["annotations"],
    setting: "annotations",
    otherPath: ["manifest"],
    other: "manifest docker",
    instead: "use `labels` of `config`, or remove `manifest docker`",
    isIn: (spec) => spec.manifest === "docker" && Object.keys(spec.annotations).length > 0,
  },
  {
    path: ["compression"],
    setting: "compression zstd",
    otherPath: ["manifest"],
    other: "manifest docker",
    instead: "use `compression gzip`, or remove `manifest docker`",
    isIn: (spec) => spec.manifest === "docker" && spec.compression.algorithm === "zstd",
  },
  archiveOfPlatforms("docker-archive"),
  archiveOfPlatforms("oci-archive"),
  {
    path: ["expect", "reproducible"],
    setting: "reproducible",
    otherPath: ["created"],
    other: "created now",
    instead: "write a date for `created`",
    isIn: (spec) => spec.created === "now" && spec.expect.reproducible,
  },
];
