/**
 * Reads the files of `skopeo login`, `podman login` and `docker login` (containers-auth.json(5)), and asks the credential
 * helpers that these files name.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { runTool, ToolError } from "../util/run-tool.ts";

const AuthFile = z.object({
  auths: z.optional(z.record(z.string(), z.object({ auth: z.optional(z.string()) }))),
  credHelpers: z.optional(z.record(z.string(), z.string())),
});
type AuthFile = z.infer<typeof AuthFile>;

/** The answer of a credential helper; its user is `<token>` if the secret is no password. */
const Answer = z.object({ Username: z.string().check(z.regex(/^[^<]/)), Secret: z.string() });

const HUB = "docker.io";
/** The key of Docker Hub in the files of docker. */
const HUB_KEY = "https://index.docker.io/v1/";

/** The user and password for a repository, in base64; undefined if there are none. `name`: the host and the repository. */
export async function credentialsFor(name: string, env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const host = name.split("/", 1)[0] as string;
  for (const file of authFiles(env)) {
    const { auths = {}, credHelpers = {} } = readAuth(file);
    const helper = credHelpers[host];
    const found = (helper && (await askHelper(helper, host, env))) || authOf(auths, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The entry of the longest prefix. */
function authOf(auths: NonNullable<AuthFile["auths"]>, name: string): string | undefined {
  const byPrefix = new Map(Object.entries(auths).map(([key, { auth }]) => [prefixOf(key), auth]));
  for (let prefix = name; prefix !== ""; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf("/")))) {
    const auth = byPrefix.get(prefix);
    if (auth !== undefined && auth !== "") return auth;
  }
  return undefined;
}

/** A key of `auths` without the scheme and the path of the API, which docker writes. */
function prefixOf(key: string): string {
  return key === HUB_KEY ? HUB : key.replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
}

/** Asks `docker-credential-HELPER` for the user and password of a host; undefined if the helper has none. */
async function askHelper(helper: string, host: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const variables = Object.fromEntries(Object.entries(env).flatMap(([key, value]) => (value ? [[key, value]] : [])));
    const input = host === HUB ? HUB_KEY : host;
    const text = await runTool(`docker-credential-${helper}`, ["get"], { input, env: variables });
    const answer = Answer.safeParse(JSON.parse(text));
    if (!answer.success) return undefined;
    const { Username: user, Secret: secret } = answer.data;
    return Buffer.from(`${user}:${secret}`).toString("base64");
  } catch (error) {
    if (error instanceof ToolError || error instanceof SyntaxError) return undefined;
    throw error;
  }
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

function readAuth(file: string): AuthFile {
  try {
    return AuthFile.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
