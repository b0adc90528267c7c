/** The checks derivation: verifies the image as `imgc verify --deep` does, and fails if there is a finding. */
import { writeFileSync } from "node:fs";
import * as z from "zod/mini";
import { verify } from "../../verify/verify.ts";
import { attributes } from "../attributes.ts";
import { BuildError } from "../build-error.ts";
import { phase } from "../derivation.ts";

const Attributes = z.object({ image: z.string() });

export async function checks(): Promise<void> {
  const { image, out } = attributes(Attributes);
  const report = await verify(image, { deep: true, onStep: (step) => phase(`reading ${step}`) });
  if (report.findings.length > 0) throw new BuildError(report.findings.join("\n      "));
  // Containers and second builds cannot run in a derivation; only `imgc verify` tries them.
  const { untested: _, ...rest } = report;
  writeFileSync(out, `${JSON.stringify(rest, null, 2)}\n`);
}
