/** The zod schema of a digest. */
import * as z from "zod/mini";
import { DIGEST } from "./digest-syntax.ts";

export const Digest = z
  .string()
  .check(z.regex(new RegExp(`^${DIGEST}$`), "a digest is sha256: and 64 hexadecimal digits"));
