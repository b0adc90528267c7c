/** Reads the files of `skopeo login`, `podman login` and `docker login` (containers-auth.json(5)). */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";

const AuthFile = z.object({ auths: z.optional(z.record(z.string(), z.object({ auth: z.optional(z.string()) }))) });

/**
 * The user and password for a repository, as the value of basic authorization; undefined if no file has them, or if a
 * credential helper has them. `name`: the host and the repository.
 */
export function credentialsFor(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  for (const file of authFiles(env)) {
    const { auths = {} } = readAuth(file);
    for (let key = name; key !== ""; key = key.slice(0, Math.max(0, key.lastIndexOf("/")))) {
      const auth = auths[key]?.auth;
      if (auth !== undefined) return auth;
    }
  }
  return undefined;
}

function authFiles(env: NodeJS.ProcessEnv): string[] {
  const home = env["HOME"] ?? homedir();
  const { REGISTRY_AUTH_FILE: own, XDG_RUNTIME_DIR: runtime, XDG_CONFIG_HOME: config, DOCKER_CONFIG: docker } = env;
  if (own !== undefined) return [own];
  return [
    ...(runtime === undefined ? [] : [join(runtime, "containers/auth.json")]),
    join(config ?? join(home, ".config"), "containers/auth.json"),
    join(docker ?? join(home, ".docker"), "config.json"),
  ];
}

function readAuth(file: string): z.infer<typeof AuthFile> {
  try {
    return AuthFile.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
