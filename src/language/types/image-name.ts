/** The type of image names. */
import { REPOSITORY } from "../../oci/reference.ts";
import { replacement } from "./scalar.ts";
import { refined } from "./text.ts";

const IMAGE_NAME = new RegExp(
  String.raw`^(?:(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9.-]+(?=:\d))(?::\d+)?/)?${REPOSITORY}$`,
);

const LONGEST = 255;

function isImageName(name: string): boolean {
  return name.length <= LONGEST && IMAGE_NAME.test(name);
}

/** The name of an image: an OCI repository, with or without a registry's host. */
export const imageName = refined(
  "an image name",
  (name, term, scope) => {
    if (isImageName(name)) return;
    const instead = isImageName(name.toLowerCase()) ? JSON.stringify(name.toLowerCase()) : undefined;
    const fix = instead === undefined ? undefined : replacement(scope, term.span, instead);
    scope.report("bad-image-name", term.span, { input: name, instead }, { fix });
  },
  [`an OCI repository name of at most ${LONGEST} characters, with or without the host of a registry`],
  "image-name",
);
