/** Opens the argument of `imgc plan`: an existing image, or an .imgspec file whose layers need not be built. */
import type { SpecOptions } from "./compile.ts";
import { imagePlan, type PlanView } from "./plan-view.ts";
import type { Context } from "./reporter.ts";
import { isSpec } from "./spec-files.ts";
import { specPlan } from "./spec-plan.ts";

export async function planArgument(target: string, options: SpecOptions, context: Context): Promise<PlanView> {
  return isSpec(target) ? await specPlan(target, options, context) : imagePlan(target);
}
