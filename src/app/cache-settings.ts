/** What is wrong with the `cache` settings, as the command line says it. */
import { PolicyError } from "../cache/policy.ts";
import { EXIT, UserError } from "../util/errors.ts";

export function orUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof PolicyError ? new UserError(EXIT.usage, error.message) : error;
  }
}
