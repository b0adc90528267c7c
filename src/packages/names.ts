/** Asks Nix for the names of a set: all at once, or, where one of them cannot be evaluated at all, in ever smaller parts. */
import * as z from "zod/mini";
import { runTool, ToolError } from "../tool/run.ts";

/** A name in a package set; `other`: no package, or one that cannot be evaluated. */
export const nameSchema = z.object({
  name: z.string(),
  kind: z.enum(["package", "set", "other"]),
  version: z.string(),
  description: z.string(),
});
export type PackageName = z.infer<typeof nameSchema>;

const answerSchema = z.object({ total: z.int(), names: z.array(nameSchema) });

/** More broken packages than this in one set, and the rest are taken as they are. */
const mostFailures = 50;

export interface Question {
  /** The function in `nix/package-names.nix`. */
  program: string;
  /** The package set, as Nix code. */
  expression: string;
  /** The way to the set that is meant, from the package set. */
  inside: readonly string[];
}

/** The names of a set, in Nix's order; throws a ToolError where there is no Nix, or no such set. */
export async function askNames(question: Question): Promise<PackageName[]> {
  let failures = 0;

  /** The names of a stretch; halves are asked for one after the other, since each takes a processor and much memory. */
  async function stretch(from: number, count: number): Promise<PackageName[]> {
    if (failures < mostFailures) {
      try {
        return (await ask(question, { from, count })).names;
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
      }
      if (count > 1) {
        const half = count >> 1;
        return [...(await stretch(from, half)), ...(await stretch(from + half, count - half))];
      }
      failures += 1;
    }
    return (await ask(question, { from, count, bare: true })).names;
  }

  try {
    return (await ask(question, {})).names;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const { total } = await ask(question, { count: 0 });
    return stretch(0, total);
  }
}

async function ask(
  { program, expression, inside }: Question,
  options: Record<string, number | boolean>,
): Promise<z.infer<typeof answerSchema>> {
  const args = ["--eval", "--strict", "--json", program, "--arg", "set", expression];
  args.push("--argstr", "inside", JSON.stringify(inside));
  for (const [name, value] of Object.entries(options)) args.push("--arg", name, String(value));
  const text = await runTool("nix-instantiate", args);
  return answerSchema.parse(JSON.parse(text));
}
