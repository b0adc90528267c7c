/** An image wherever it is: what lies on this machine is taken first, then the name is asked for in its registry. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fetchLayout, type FetchOptions } from "../registry/fetch-layout.ts";
import { BadReference, parseReference } from "../registry/reference.ts";
import { splitHost } from "../serve/repository.ts";
import { ownFolder } from "../tool/own-folder.ts";
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
    await fetchLayout(parseReference(text.replace(/^docker:\/\//, "")), join(folder, "layout"), options);
    return await use(join(folder, "layout"));
  } catch (error) {
    if (error instanceof BadReference)
      throw new UserError(EXIT.usage, `there is no ${text} here, and ${error.message}`);
    throw error instanceof ToolError ? new UserError(EXIT.environment, error.message) : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
