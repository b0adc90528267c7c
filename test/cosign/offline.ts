/** Options with which each version of cosign signs without a transparency log. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, tool } from "../e2e/tools.ts";

export async function offline(command: "sign" | "attest"): Promise<string[]> {
  const { stdout: help } = await tool("cosign", [command, "--help"]);
  if (!help.includes("--signing-config")) return ["--tlog-upload=false", "--yes"];
  // A configuration without services.
  const config = join(folder(), "signing-config.json");
  writeFileSync(config, JSON.stringify({ mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" }));
  return ["--signing-config", config, "--yes"];
}
