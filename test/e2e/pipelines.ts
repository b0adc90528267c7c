/** Reads the commands of the pipelines in examples/ci. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const CI = join(import.meta.dirname, "../../examples/ci");

/** By file: the variables that a runner sets for a push to `image`. */
export const PIPELINES = {
  ".gitlab-ci.yml": (image: string) => ({ CI_REGISTRY_IMAGE: image, CI_COMMIT_REF_NAME: "main" }),
  ".github/workflows/image.yml": (image: string) => ({ IMAGE: image, GITHUB_REF_NAME: "main" }),
};

/** The commands of a pipeline: items of `script`, or steps that are run. */
export function commands(file: string): string[] {
  const text = readFileSync(join(CI, file), "utf8");
  return [...text.matchAll(/^ +- (?:run: )?(imgc .*)$/gm)].map((match) => match[1] as string);
}
