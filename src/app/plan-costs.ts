/** What a plan is expected to move at the next rebuild, and what it would if `auto` had made all of it. */
import { expectedPull } from "../plan/cost.ts";
import { plan } from "../plan/plan.ts";
import type { PlanView } from "./plan-view.ts";

/** Bytes. */
export interface Costs {
  plan: number;
  auto: number;
}

export function costsOf(view: PlanView): Costs {
  const { closure } = view;
  const layers = view.layers.filter(({ paths }) => paths.length > 0);
  const alone = layers.length === 0 ? [] : plan({ closure, steps: [{ kind: "auto" }], budget: layers.length });
  return {
    plan: expectedPull(
      closure,
      layers.map(({ paths }) => paths),
    ),
    auto: expectedPull(
      closure,
      alone.map(({ paths }) => paths),
    ),
  };
}
