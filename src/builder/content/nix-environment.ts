/** Environment variables that Nix needs inside an image. */
import type { User } from "../../image/content-file.ts";
import type { RunConfig } from "../../oci/documents.ts";
import { DEFAULT_PATH } from "../../oci/run-config.ts";

const PROFILE = "/.nix-profile/bin";
const SHARED_PROFILE = "/nix/var/nix/profiles/default/bin";

/**
 * `HOME` and `USER` of the image's user, and the variables of `shell`. `PATH` has first the folders of `shell`, then Nix's
 * profiles, then the base's folders.
 */
export function nixEnvironment(
  base: RunConfig,
  own: RunConfig,
  users: User[],
  shell: Record<string, string>,
): string[] {
  const [name] = (own.User ?? base.User ?? "root").split(":", 1);
  const user = users.find((each) => each.name === name || String(each.uid) === name);
  const { PATH: first = [], ...variables } = shell;
  const inherited = base.Env?.find((line) => line.startsWith("PATH="))?.slice("PATH=".length) ?? DEFAULT_PATH;
  const rest = inherited.split(":").filter((each) => each !== SHARED_PROFILE && !each.endsWith(PROFILE));
  const profiles = [user === undefined ? [] : `${user.home}${PROFILE}`, SHARED_PROFILE].flat();
  const all = {
    ...variables,
    ...(user === undefined ? {} : { HOME: user.home, USER: user.name }),
    PATH: [first, ...profiles, rest].flat().join(":"),
  };
  return Object.entries(all).map(([variable, value]) => `${variable}=${value}`);
}
