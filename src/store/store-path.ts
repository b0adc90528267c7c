/** Names of store paths. */

/** `hello-2.10` of `/nix/store/<hash>-hello-2.10.drv`. */
export function nameOf(path: string): string {
  return path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/^[0-9a-z]{32}-/, "")
    .replace(/\.drv$/, "");
}
