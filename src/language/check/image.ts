// Rules that need more of an image than one setting: what its settings say together, and what its bases say.
import type { ImageSpec } from "../schema/spec.ts";
import type { Scope } from "../schema/type.ts";
import { inImage } from "./locate.ts";
import type { ImageNode } from "./module.ts";
import { knownUsers } from "./users.ts";

/** An image and what it stands on. */
export interface Subject {
  spec: ImageSpec;
  /** The image, its base, the base's base, as far as they are described in files. */
  chain: readonly ImageSpec[];
  image: ImageNode;
  scope: Scope;
}

export type Rule = (subject: Subject) => void;

const rules: Rule[] = [knownUsers, layerBudget, goesTogether, nothingInsideFiles];

/** Checks an image as a whole. */
export function checkImage(subject: Subject): void {
  for (const rule of rules) rule(subject);
}

/** Named layers are made whatever else fits; the base's count as well. */
function layerBudget({ spec, chain, image, scope }: Subject): void {
  const named = ({ layers }: ImageSpec): number => layers.steps.filter((step) => step.kind === "layer").length;
  const all = chain.reduce((sum, each) => sum + named(each), 0);
  const { max } = spec.layers;
  const most = typeof max === "number" ? max : scope.argument(max.param);
  if (typeof most !== "number" || all <= most) return;
  scope.report("too-many-layers", inImage(image, ["layers", "max"]), {
    max: most,
    named: all,
    below: all - named(spec),
  });
}

function goesTogether({ spec, image, scope }: Subject): void {
  const conflict = (path: string[], name: string, other: string, instead: string): void =>
    scope.report("conflict", inImage(image, path), { name, other, instead });
  if (spec.manifest === "docker" && Object.keys(spec.annotations).length > 0)
    conflict(
      ["annotations"],
      "annotations",
      "manifest docker",
      "write them as `labels`, or leave out `manifest docker`",
    );
  if (spec.manifest === "docker" && spec.compression.algorithm === "zstd")
    conflict(
      ["compression"],
      "compression zstd",
      "manifest docker",
      "use `compression gzip`, or leave out `manifest docker`",
    );
  if (spec.platforms.length > 1 && spec.output.endsWith("-archive"))
    conflict(["output"], `output ${spec.output}`, "several `platforms`", "use `output oci`, or leave `output` out");
  if (spec.created === "now" && spec.expect.reproducible)
    conflict(["expect", "reproducible"], "reproducible", "created now", "write a date for `created`");
}

function nothingInsideFiles({ spec, image, scope }: Subject): void {
  const files = new Set(spec.files.filter(({ kind }) => kind === "text" || kind === "link").map(({ path }) => path));
  for (const { path } of spec.files) {
    for (let end = path.indexOf("/", 1); end > 0; end = path.indexOf("/", end + 1)) {
      const outer = path.slice(0, end);
      if (!files.has(outer)) continue;
      scope.report("inside-file", inImage(image, ["files", path]), { path, outer });
      break;
    }
  }
}
