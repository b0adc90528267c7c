/** An image wherever it is: what lies on this machine is taken first, then the name is asked for in its registry. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ImageError } from "../image/read.ts";
import { explain } from "../publish/explain.ts";
import { fetchLayout, type FetchOptions } from "../registry/fetch-layout.ts";
import { BadReference, parseReference } from "../registry/reference.ts";
import { splitHost } from "../serve/repository.ts";
import { ownFolder } from "../temporary/own-folder.ts";
import { ToolError } from "../tool/run.ts";
import { EXIT, UserError } from "./exit.ts";

/** Calls `use` with a path: `text` itself, or an OCI layout that is gone afterwards. */
export async function anywhere<T>(text: string, options: FetchOptions, use: (path: string) => Promise<T>): Promise<T> {
  if (existsSync(text)) return await use(text);
  // Without a registry in front it is a path that is not there, rather than an image of some registry.
  if (splitHost(text.replace(/^docker:\/\//, "")).host === undefined)
    throw new UserError(EXIT.usage, `there is no ${text}`);
  const folder = ownFolder("imgc-fetched-");
  try {
    await fetched(text, join(folder, "layout"), options);
    return await use(join(folder, "layout"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fetched(text: string, layout: string, options: FetchOptions): Promise<void> {
  try {
    await fetchLayout(parseReference(text.replace(/^docker:\/\//, "")), layout, options);
  } catch (error) {
    if (error instanceof BadReference)
      throw new UserError(EXIT.usage, `there is no ${text} here, and ${error.message}`);
    if (error instanceof ImageError) throw new UserError(EXIT.findings, error.message);
    if (!(error instanceof ToolError)) throw error;
    throw new UserError(EXIT.environment, explain(text, error.message, "fetch"));
  }
}
