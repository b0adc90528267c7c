/** Describes in words how a value violates a schema. zod/mini has no messages of its own. */
import type * as z from "zod/mini";

/** Limit of the characters of a shown value. */
const MAX_SHOWN = 60;

/** `expected number, not "7"`. `root`: the value to which the schema was applied. */
export function issueText(issue: z.core.$ZodIssue, root: unknown): string {
  const value = issue.path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), root);
  return `${expectation(issue)}${shown(value)}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return `unknown key ${issue.keys.join(", ")}`;
    case "invalid_type":
      return `expected ${issue.expected}`;
    case "invalid_value":
      return `expected ${issue.values.join(" or ")}`;
    case "too_small":
      return `expected at least ${issue.minimum}`;
    case "too_big":
      return `expected at most ${issue.maximum}`;
    default:
      return issue.message === "Invalid input" ? "the value has another form" : issue.message;
  }
}

/** `, not VALUE` for a value that fits into a message. */
function shown(value: unknown): string {
  if (value === undefined || isObject(value)) return "";
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? "" : `, not ${text}`;
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}
