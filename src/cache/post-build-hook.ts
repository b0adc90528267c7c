/**
 * The post-build hook of one build: copies each result at once to the stores of the policy. The hook prints failures, but
 * never fails the build.
 */
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../util/temporary.ts";
import { shellQuote } from "../util/shell.ts";

export interface Hook extends Disposable {
  path: string;
}

/** `from`: the folder of a chroot store; null for the machine's store. */
export function writeHook(targets: string[], from: string | null): Hook {
  const folder = ownFolder("imgc-hook-");
  const path = join(folder, "copy-results");
  // The daemon runs the hook as another user.
  chmodSync(folder, 0o755);
  writeFileSync(path, hookText(targets, from), { mode: 0o755 });
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

export function hookText(targets: string[], from: string | null): string {
  const store = from === null ? "" : `--store ${shellQuote(from)} `;
  return `#!/bin/sh
# Written by imgc: copies the results of one build. Nix sets OUT_PATHS and DRV_PATH; Nix 2.8 leaves OUT_PATHS empty.
set -f
paths=\${OUT_PATHS:-$(nix-store ${store}--query --outputs "$DRV_PATH")}
for target in ${targets.map(shellQuote).join(" ")}; do
  # shellcheck disable=SC2086
  if ! output=$(nix --extra-experimental-features nix-command copy ${store}--to "$target" $paths 2>&1); then
    printf 'imgc: cannot copy to %s: %s\\n' "$target" "$(printf '%s\\n' "$output" | grep -v -e --show-trace | tail -n 1)"
  fi
done
exit 0
`;
}
