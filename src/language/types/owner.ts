/** The type of owners: ids or names. */
import { plainText } from "../syntax/tree.ts";
import { oneOf, pattern } from "./form.ts";
import { mismatch, scalar } from "./scalar.ts";
import { ownerSchema, type Owner } from "./values.ts";

const OWNER = /^(\d+|[A-Za-z_][\w.-]*)(?::(\d+|[A-Za-z_][\w.-]*))?$/;

const OWNER_IDS = /^\d+(?::\d+)?$/;

/** The owner of a file: ids, or names from `users` or the base. */
export const owner = scalar<Owner>({
  label: 'an owner, such as `1000:1000` or `"api"`',
  name: "owner",
  form: oneOf(pattern(OWNER_IDS), pattern(new RegExp(`^"${OWNER.source.slice(1, -1)}"$`))),
  schema: ownerSchema,
  kinds: ["literal", "string"],
  convert(term) {
    const text = term.kind === "literal" ? term.text : plainText(term);
    const match = OWNER.exec(text ?? "");
    if (match === null || (term.kind === "literal" && !OWNER_IDS.test(term.text))) return mismatch;
    const id = (part: string): number | string => (/^\d+$/.test(part) ? Number(part) : part);
    return { user: id(match[1] ?? ""), group: match[2] === undefined ? null : id(match[2]) };
  },
});
