/** The content derivation: everything outside the store. Nix finds in its output which store paths it needs. */
import * as z from "zod/mini";
import { ContentFile, LinkedPackage } from "../image/content-file.ts";
import { RunConfig } from "../image/oci.ts";
import { EnvExtension, mergeRunConfig } from "../image/run-config.ts";
import { ShellFile } from "../image/shell-file.ts";
import type { RootEntry } from "../layer/recipe.ts";
import { CAPABILITIES } from "../linux/capabilities.ts";
import { literalFolder } from "../util/glob.ts";
import { attributes, BuildError, phase, readJson, storeDir, writeOutputs } from "./attributes.ts";
import { follower } from "./follow.ts";
import { linkPackages } from "./links.ts";
import { nixEnvironment } from "./nix-environment.ts";
import { byPath, withParents } from "./root.ts";
import { groupIds, mergeUsers, ownerIds, permission, userEntries, withMembers } from "./users.ts";

const Name = z.union([z.string(), z.number()]);
const Owner = z.nullable(z.object({ user: Name, group: z.nullable(Name) }));
const Mode = z.nullable(z.number());

const Capabilities = z.array(z.enum(CAPABILITIES));

const FileArgument = z.object({
  path: z.string(),
  kind: z.enum(["copy", "text", "link", "directory"]),
  /** What is copied or written, or where the link leads; "" for a folder. */
  from: z.string(),
  mode: Mode,
  owner: Owner,
  capabilities: Capabilities,
});

const GroupArgument = z.object({ name: z.string(), gid: z.number(), members: z.array(z.string()) });

const UserArgument = z.object({
  name: z.string(),
  uid: z.number(),
  gid: z.number(),
  home: z.nullable(z.string()),
  shell: z.nullable(z.string()),
  groups: z.array(z.string()),
});

const PackageArgument = z.extend(LinkedPackage, {
  /** The place in the image's `packages`; null where something else asked for it. */
  index: z.nullable(z.number()),
});

const Attributes = z.object({
  /** The base's content; null for scratch. */
  base: z.nullable(z.string()),
  /** Linked at `/`. */
  packages: z.array(PackageArgument),
  files: z.array(FileArgument),
  users: z.array(UserArgument),
  groups: z.array(GroupArgument),
  permissions: z.array(z.object({ glob: z.string(), mode: Mode, owner: Owner, capabilities: Capabilities })),
  config: RunConfig,
  extendedEnv: z.array(EnvExtension),
  /** Whether root and nobody are known, whoever else is. */
  provideUsers: z.boolean(),
  /** Whether Nix is to work inside. */
  nix: z.boolean(),
  /** The environment derivation; null where the image is none to build in. */
  shell: z.nullable(z.string()),
});

const NOTHING: ContentFile = {
  version: 1,
  entries: [],
  root: [],
  packages: [],
  users: [],
  groups: {},
  permissions: [],
  config: {},
  history: [],
};

export function content(): void {
  const args = attributes(Attributes);
  phase("linking packages");
  const base = args.base === null ? NOTHING : ContentFile.parse(readJson(args.base));
  const own = args.users.map((user) => ({ ...user, home: user.home ?? "/var/empty", shell: user.shell ?? "/bin/sh" }));
  // Nix must find whoever runs it in /etc/passwd.
  const users = withMembers(mergeUsers(base.users, own, args.nix || args.provideUsers), args.groups);
  const groups = { ...base.groups, ...Object.fromEntries(args.groups.map(({ name, gid }) => [name, gid])) };
  const needsUserFiles =
    own.length + args.groups.length > 0 || args.provideUsers || (args.nix && base.users.length === 0);
  const known = { users, groups };
  const userFiles = needsUserFiles ? userEntries({ ...known, own, ownGroups: args.groups, below: base.root }) : [];
  const shell = args.shell === null ? { env: {}, files: {} } : ShellFile.parse(readJson(args.shell));
  const env = args.nix ? nixEnvironment(base.config, args.config, users, shell.env) : [];
  const config = args.nix ? { ...args.config, Env: [...env, ...(args.config.Env ?? [])] } : args.config;
  const files = args.files.map((file) => rootEntry(file, ownerIds(file.owner, { users, groups }, file.path)));
  const follow = follower(base.root, storeDir());
  const placed = [...userFiles, ...texts(shell.files), ...files].map((entry) => {
    return { ...entry, path: follow(entry.path, entry.kind === "directory") };
  });

  // What the base's files say of a path stays said, but for its links: those are made anew for all packages together.
  const packages = [...new Map([...base.packages, ...args.packages].map((each) => [each.path, each])).values()];
  const settled = byPath([...base.root.filter(isNoLinkToPackage), ...placed]);
  const root = withParents([...linkPackages(packages, settled, follow), ...settled]);

  checkParents(root);
  const below = new Map(base.root.map((entry) => [entry.path, JSON.stringify(entry)]));
  const entries = root.filter((entry) => below.get(entry.path) !== JSON.stringify(entry));
  const rules = args.permissions.map((rule) => ({ ...rule, glob: followGlob(rule.glob) }));
  checkRules(rules, entries, below);
  const file: ContentFile = {
    version: 1,
    entries,
    root,
    packages,
    users,
    groups: Object.fromEntries(groupIds({ users, groups })),
    permissions: rules.map((rule) => permission(rule, { users, groups })),
    config: mergeRunConfig(base.config, config, args.extendedEnv),
    history: base.history,
  };
  writeOutputs(args, file);

  /** The folders that a glob names in full are followed. */
  function followGlob(glob: string): string {
    const named = literalFolder(glob);
    return named === "" ? glob : `${follow(`${named}x`).slice(0, -1)}${glob.slice(named.length)}`;
  }

  function isNoLinkToPackage(entry: RootEntry): boolean {
    return entry.kind !== "link" || !base.packages.some((each) => entry.target.startsWith(`${each.path}/`));
  }
}

function texts(files: Record<string, string>): RootEntry[] {
  return Object.entries(files).map(([path, text]) => ({ kind: "text", path, text, mode: 0o644, uid: 0, gid: 0 }));
}

/** Nothing can lie below what is no folder. */
function checkParents(root: RootEntry[]): void {
  const kinds = new Map(root.map(({ path, kind }) => [path, kind]));
  for (const { path } of root) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const kind = kinds.get(path.slice(0, at));
      if (kind !== "link" && kind !== "text") continue;
      throw new BuildError(
        `files: ${path} lies below ${path.slice(0, at)}, which is ${kind === "link" ? "a link" : "a file"}, not a folder`,
      );
    }
  }
}

/** A rule that names one file of the base would do nothing: the base's layers stay as they are. */
function checkRules(rules: { glob: string }[], entries: RootEntry[], below: Map<string, string>): void {
  for (const { glob } of rules) {
    if (!below.has(glob) || entries.some(({ path }) => path === glob)) continue;
    throw new BuildError(
      `permissions."${glob}": this is the base's, and rules hold for what the image itself adds; ` +
        "say it in the base, or put the file here as well",
    );
  }
}

function rootEntry(file: z.infer<typeof FileArgument>, ids: { uid: number; gid: number }): RootEntry {
  const { path, kind, from, mode, capabilities } = file;
  const said = capabilities.length === 0 ? {} : { capabilities };
  switch (kind) {
    case "copy":
      return { kind, path, source: from, mode, ...said, ...ids };
    case "text":
      return { kind, path, text: from, mode: mode ?? 0o644, ...said, ...ids };
    case "link":
      return { kind, path, target: from, ...ids };
    case "directory":
      return { kind, path, mode: mode ?? 0o755, ...ids };
  }
}
