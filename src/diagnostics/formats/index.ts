/** The output formats of diagnostics, by name. */
import type { Format } from "./format.ts";
import { github } from "./github.ts";
import { json } from "./json.ts";
import { pretty } from "./pretty.ts";
import { sarif } from "./sarif.ts";
import { unix } from "./unix.ts";

export const formats = { pretty, json, sarif, github, unix } satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;
