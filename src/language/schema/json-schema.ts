/** The JSON schema of `Spec`, the data that the checker makes from a description. */
import * as z from "zod/mini";
import { specSchema } from "./spec-schema.ts";
import * as values from "../types/values.ts";

const definitions = {
  Package: values.packageSchema,
  Param: values.paramSchema,
  Text: values.textSchema,
  Amount: values.amountSchema,
  Owner: values.ownerSchema,
  Bound: values.boundSchema,
  Step: values.stepSchema,
};

export function jsonSchema(): string {
  for (const [id, schema] of Object.entries(definitions)) z.globalRegistry.add(schema(), { id });
  return JSON.stringify({ title: "imgspec, edition 1: a checked file", ...z.toJSONSchema(specSchema) });
}
