/** The bytes that clients are expected to pull after the next rebuild: with this plan, and with `auto` alone. */
import { expectedPull } from "../plan/cost.ts";
import { plan } from "../plan/plan.ts";
import type { PlanView } from "./plan-view.ts";

/** In bytes. */
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
