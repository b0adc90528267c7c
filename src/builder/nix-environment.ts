/** What Nix expects of the environment of whoever runs it. */
import type { User } from "../image/content-file.ts";
import type { RunConfig } from "../image/oci.ts";

/** Where programs are looked for when nothing is said (what container runtimes take). */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const SHARED_PROFILE = "/nix/var/nix/profiles/default/bin";

/**
 * `HOME`, `USER`, and a `PATH` on which what is installed inside comes first, for the user that the image runs as; and
 * `shell`, whose `PATH` stands before.
 */
export function nixEnvironment(
  base: RunConfig,
  own: RunConfig,
  users: User[],
  shell: Record<string, string>,
): string[] {
  const [name] = (own.User ?? base.User ?? "root").split(":", 1);
  const user = users.find((each) => each.name === name || String(each.uid) === name);
  if (user === undefined) return [];
  const inherited = base.Env?.find((line) => line.startsWith("PATH="))?.slice("PATH=".length) ?? DEFAULT_PATH;
  const rest = inherited.split(":").filter((each) => each !== SHARED_PROFILE && !each.endsWith("/.nix-profile/bin"));
  const { PATH: first = [], ...variables } = shell;
  const path = [first, `${user.home}/.nix-profile/bin`, SHARED_PROFILE, rest].flat().join(":");
  const all = { ...variables, HOME: user.home, USER: user.name, PATH: path };
  return Object.entries(all).map(([variable, value]) => `${variable}=${value}`);
}
