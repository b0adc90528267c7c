/** Pairs of settings that an image cannot have both. */
import { FORMS } from "./compression.ts";
import type { ImageSpec } from "./spec.ts";

interface Remedy {
  /** The path of the setting to change. */
  path: readonly [string, ...string[]];
  /** The new text of the setting; without a text, the setting is removed. */
  text?: string;
}

export interface Conflict {
  /** The path of the setting that the diagnostic points at, in the image's block, and the setting with its value. */
  path: readonly [string, ...string[]];
  setting: string;
  /** The setting that excludes it. */
  otherPath: readonly [string, ...string[]];
  other: string;
  /** The advice that is no single change. */
  advice?: string;
  /** Changes of which each resolves the conflict. */
  remedies: readonly Remedy[];
  isIn(spec: ImageSpec): boolean;
}

/** The advice in the message about a conflict. */
export function insteadOf(conflict: Conflict): string {
  const { advice, remedies } = conflict;
  return [...(advice === undefined ? [] : [advice]), ...remedies.map((each) => remedyText(conflict, each))].join(
    ", or ",
  );
}

/** A change of a setting in words. */
export function remedyText({ path, setting, other }: Conflict, { path: changed, text }: Remedy): string {
  if (text !== undefined) return `write \`${text}\``;
  return `remove \`${changed.join(" ") === path.join(" ") ? setting : other}\``;
}

const archiveOfPlatforms = (output: "docker-archive" | "oci-archive"): Conflict => ({
  path: ["output"],
  setting: `output ${output}`,
  otherPath: ["platforms"],
  other: "several `platforms`",
  remedies: [{ path: ["output"], text: "output oci" }, { path: ["output"] }],
  isIn: (spec) => spec.platforms.length > 1 && spec.output === output,
});

export const CONFLICTS: readonly Conflict[] = [
  {
    path: ["annotations"],
    setting: "annotations",
    otherPath: ["manifest"],
    other: "manifest docker",
    advice: "use `labels` of `config`",
    remedies: [{ path: ["manifest"] }],
    isIn: (spec) => spec.manifest === "docker" && Object.keys(spec.annotations).length > 0,
  },
  {
    path: ["compression"],
    setting: "compression zstd",
    otherPath: ["manifest"],
    other: "manifest docker",
    remedies: [{ path: ["compression"], text: "compression gzip" }, { path: ["manifest"] }],
    isIn: ({ manifest, compression }) =>
      manifest === "docker" && !Array.isArray(compression) && compression.algorithm === "zstd",
  },
  {
    path: ["compression"],
    setting: `compression ${FORMS}`,
    otherPath: ["manifest"],
    other: "manifest docker",
    remedies: [{ path: ["compression"], text: "compression gzip" }, { path: ["manifest"] }],
    isIn: ({ manifest, compression }) => manifest === "docker" && Array.isArray(compression),
  },
  archiveOfPlatforms("docker-archive"),
  archiveOfPlatforms("oci-archive"),
  {
    path: ["expect", "reproducible"],
    setting: "reproducible",
    otherPath: ["created"],
    other: "created now",
    advice: "write a date for `created`",
    remedies: [{ path: ["created"] }],
    isIn: (spec) => spec.created === "now" && spec.expect.reproducible,
  },
  {
    path: ["expect", "signed-base"],
    setting: "signed-base",
    otherPath: ["base"],
    other: "a base that is not in a `registry`",
    advice: "use `base registry`",
    remedies: [{ path: ["expect", "signed-base"] }],
    isIn: (spec) => spec.expect.signedBase !== null && spec.base.kind !== "registry",
  },
];
