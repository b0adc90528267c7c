/**
 * The post-build hook of one build: copies every result, as soon as it is there, to the stores that the policy names. It
 * never fails a build, and says what it could not do.
 */
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../util/temporary.ts";
import { shellQuote } from "../util/shell.ts";

export interface Hook extends Disposable {
  path: string;
}

/** `from`: the folder of a chroot store, null for the machine's own. */
export function writeHook(targets: string[], from: string | null): Hook {
  const folder = ownFolder("imgc-hook-");
  const path = join(folder, "copy-results");
  // A daemon runs it as another user.
  chmodSync(folder, 0o755);
  writeFileSync(path, hookText(targets, from), { mode: 0o755 });
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

export function hookText(targets: string[], from: string | null): string {
  const store = from === null ? "" : `--store ${shellQuote(from)} `;
  return `#!/bin/sh
# Written by imgc for one build: copies its results. OUT_PATHS and DRV_PATH come from Nix, of which 2.8 leaves the first empty.
set -f
paths=\${OUT_PATHS:-$(nix-store ${store}--query --outputs "$DRV_PATH")}
for target in ${targets.map(shellQuote).join(" ")}; do
  # shellcheck disable=SC2086
  if ! said=$(nix --extra-experimental-features nix-command copy ${store}--to "$target" $paths 2>&1); then
    printf 'imgc: not copied to %s: %s\\n' "$target" "$(printf '%s\\n' "$said" | grep -v -e --show-trace | tail -n 1)"
  fi
done
exit 0
`;
}
