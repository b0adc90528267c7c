/** `imgc rebase`: replaces the base of an image in a registry. */
import { rebaseImage } from "../../app/rebase.ts";
import { quantity } from "../../util/quantities.ts";
import { writeAbove } from "../terminal/screen.ts";
import { FETCHING } from "../terminal/reporter.ts";

export interface RebaseCommandOptions {
  onto: string;
  insecure?: boolean;
}

export async function rebase(reference: string, { onto, insecure = false }: RebaseCommandOptions): Promise<void> {
  const { name, digest, mounted, copied } = await FETCHING.stoppable(
    async (signal) => await rebaseImage(reference, onto, { insecure, signal, note: FETCHING.onRetry }),
  );
  writeAbove(process.stderr, `imgc: ${quantity(mounted, "layer")} of the base mounted, ${copied} copied\n`);
  writeAbove(process.stdout, `${name}@${digest}\n`);
}
