/**
 * The checks derivation: `node checker.cjs checks` verifies the image as `imgc verify --deep` does, and fails if there is a
 * finding. The checker is a separate bundle, so that a change of it rebuilds no layer.
 */
import { writeFileSync } from "node:fs";
import * as z from "zod/mini";
import { verify } from "../verify/verify.ts";
import { attributes } from "./attributes.ts";
import { BuildError } from "./build-error.ts";
import { phase } from "./derivation.ts";
import { runAction } from "./run-action.ts";

const Attributes = z.object({ image: z.string() });

async function checks(): Promise<void> {
  const { image, out } = attributes(Attributes);
  const report = await verify(image, { deep: true, onStep: (step) => phase(`reading ${step}`) });
  if (report.findings.length > 0) throw new BuildError(report.findings.join("\n      "));
  // Containers and second builds cannot run in a derivation; only `imgc verify` tries them.
  const { untested: _, ...rest } = report;
  writeFileSync(out, `${JSON.stringify(rest, null, 2)}\n`);
}

void runAction({ checks });
