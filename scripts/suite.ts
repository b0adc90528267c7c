/** `npm run suite -- SUITE COMMAND [ARG...]`: runs a command with the Nix, skopeo and podman of another Debian suite. */
import { rootOf, runIn, ROOTS, type RootName } from "./suites/root.ts";

const [suite = "", ...command] = process.argv.slice(2);
if (!Object.hasOwn(ROOTS, suite) || command.length === 0) {
  process.stderr.write(`usage: npm run suite -- ${Object.keys(ROOTS).join("|")} COMMAND [ARG...]\n`);
  process.exit(2);
}
process.exitCode = runIn(rootOf(suite as RootName), command);
