/** The planner as a command for a trace harness: one request as JSON on standard input, the layers on standard output. */
import { text } from "node:stream/consumers";
import * as z from "zod/mini";
import { plan } from "../src/plan/plan.ts";

const Request = z.object({
  maxLayers: z.number(),
  closure: z.array(z.object({ path: z.string(), size: z.number(), refs: z.array(z.string()) })),
});

const { maxLayers, closure } = Request.parse(JSON.parse(await text(process.stdin)));
const layers = plan({
  closure: closure.map(({ path, size, refs }) => ({ path, narSize: size, references: refs })),
  steps: [{ kind: "auto" }],
  budget: maxLayers,
});
process.stdout.write(JSON.stringify(layers.map(({ paths }) => paths)));
