/** The name of a store path as Nix's own `builtins.parseDrvName` reads it: the version starts at the first dash that no letter follows. */
export function parseStoreName(path: string): { name: string; version: string } {
  const whole = path.slice(path.lastIndexOf("/") + 1).replace(/^[^-]*-/, "");
  const { name = whole, version = "" } = /^(?<name>.*?)-(?<version>[^A-Za-z].*)$/.exec(whole)?.groups ?? {};
  return { name, version };
}
