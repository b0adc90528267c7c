/** Converts an apko configuration to an image description (apko's documentation, "apko.yaml"). */
import { parseDocument } from "yaml";
import * as z from "zod/mini";
import { findPlatform, writeString } from "../language/index.ts";
import { nixpkgsName } from "./dockerfile/package-names.ts";
import { splitWords } from "./dockerfile/words.ts";
import { ImportError } from "./import-error.ts";
import { issueText } from "../util/issue-text.ts";
import { ImageDraft, writeMode } from "./image-draft.ts";
import { platformText } from "../oci/platform.ts";
import { writeList, type ImportedSpec } from "./spec-text.ts";

/** Every scalar is read as text: YAML 1.2 reads an octal 0755 as 755, and apko does not. */
const Text = z.string();
const Count = z.pipe(z.string().check(z.regex(/^\d+$/, "not a number")), z.transform(Number));
const Strings = z.optional(z.nullable(z.array(Text)));
const Command = z.optional(
  z.object({
    command: z.optional(z.string()),
    type: z.optional(z.string()),
    "shell-fragment": z.optional(z.string()),
    services: z.optional(z.record(z.string(), Text)),
  }),
);

const Apko = z.object({
  include: z.optional(z.string()),
  contents: z.optional(z.object({ packages: Strings, baseimage: z.optional(z.object({ image: z.optional(Text) })) })),
  entrypoint: Command,
  cmd: z.optional(z.string()),
  "stop-signal": z.optional(z.string()),
  "work-dir": z.optional(z.string()),
  accounts: z.optional(
    z.object({
      "run-as": z.optional(Text),
      users: z.optional(
        z.array(
          z.object({
            username: z.string(),
            uid: Count,
            gid: z.optional(Count),
            shell: z.optional(z.string()),
            homedir: z.optional(z.string()),
          }),
        ),
      ),
      groups: z.optional(
        z.array(z.object({ groupname: z.string(), gid: Count, members: z.optional(z.array(z.string())) })),
      ),
    }),
  ),
  archs: Strings,
  environment: z.optional(z.record(z.string(), Text)),
  paths: z.optional(
    z.array(
      z.object({
        path: z.string(),
        type: z.string(),
        uid: z.optional(Count),
        gid: z.optional(Count),
        permissions: z.optional(Text),
        source: z.optional(z.string()),
        recursive: z.optional(Text),
      }),
    ),
  ),
  volumes: Strings,
  annotations: z.optional(z.record(z.string(), Text)),
  "vcs-url": z.optional(z.string()),
  layering: z.optional(z.object({ budget: z.optional(Count) })),
  certificates: z.optional(
    z.object({
      additional: z.optional(z.array(z.object({ name: z.optional(Text), content: z.optional(Text) }))),
      providers: Strings,
    }),
  ),
  format: z.optional(Text),
});
type Apko = z.infer<typeof Apko>;

/** The fields that are read. The values of `contents` concern apk and its repositories, which an image of Nix packages lacks. */
const KNOWN = new Set(Object.keys(Apko.shape));
const KNOWN_CONTENTS = new Set(["packages", "baseimage", "repositories", "build_repositories", "keyring"]);

/** The annotations for where an image comes from (OCI image specification, "Pre-Defined Annotation Keys"). */
const OCI = "org.opencontainers.image";

/** Variables that apko sets unless the file does. */
const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin",
  SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt",
};

/** `name`: the image's name. Throws an ImportError if the text is not an apko configuration. */
export function importApko(text: string, name: string): ImportedSpec {
  const { config, unknown } = read(text);
  const draft = new ImageDraft(name);
  importContents(config, draft);
  importAccounts(config, draft);
  importPaths(config, draft);
  for (const [variable, value] of Object.entries({ ...ENVIRONMENT, ...config.environment }))
    draft.env.set(variable, { text: writeString(value) });
  const { entrypoint } = config;
  if (entrypoint?.command !== undefined) draft.config.set("entrypoint", writeList(wordsOf(entrypoint.command)));
  const [program = ""] = wordsOf(entrypoint?.command ?? "");
  if (/^\/(?:usr\/s?bin|sbin)\//.test(program))
    draft.note(`entrypoint ${program}: packages of Nix have their programs in /bin`);
  if (entrypoint?.["shell-fragment"] !== undefined)
    draft.config.set("entrypoint", writeList(["/bin/sh", "-c", entrypoint["shell-fragment"]]));
  if (entrypoint?.type === "service-bundle")
    draft.note(
      "apko's service bundle runs several services under s6; imgc runs one entry point. Name a supervisor.",
      ...Object.entries(entrypoint.services ?? {}).map(([service, command]) => `service ${service}: ${command}`),
    );
  if (config.cmd !== undefined) draft.config.set("cmd", writeList(wordsOf(config.cmd)));
  if (config["work-dir"] !== undefined) draft.config.set("workdir", writeString(config["work-dir"]));
  if (config["stop-signal"] !== undefined) draft.config.set("stop-signal", writeString(config["stop-signal"]));
  for (const volume of config.volumes ?? []) draft.volumes.add(volume);
  const [source, revision] = config["vcs-url"]?.split(/@(.*)/s) ?? [];
  const version = revision === undefined ? {} : { [`${OCI}.source`]: source ?? "", [`${OCI}.revision`]: revision };
  for (const [key, value] of Object.entries({ ...config.annotations, ...version })) {
    draft.annotations.set(key, value);
    draft.labels.set(key, writeString(value));
  }
  importCertificates(config, draft);
  for (const field of unknown) draft.note(`${field} has no setting`);
  if (config.format !== undefined && config.format !== "tar")
    draft.note(`format ${config.format}: imgc writes tar layers`);
  for (const arch of config.archs ?? []) importArch(arch, draft);
  draft.maxLayers = config.layering?.budget;
  if (config.include !== undefined)
    draft.note(`include ${config.include}: import that file as well, and make its image the base`);
  return { notes: ["Imported from an apko file by `imgc import`."], lets: [], images: [draft.finish()] };
}

/** `unknown`: the names of fields that are not converted. */
function read(text: string): { config: Apko; unknown: string[] } {
  const document = parseDocument(text, { schema: "failsafe" });
  const [error] = document.errors;
  if (error !== undefined) throw new ImportError(`not YAML: ${error.message.split("\n")[0]}`);
  const root: unknown = document.toJS({ maxAliasCount: 100 });
  if (typeof root !== "object" || root === null) throw new ImportError("not an apko file: the file has no fields");
  if (!["contents", "entrypoint", "accounts", "include"].some((field) => field in root))
    throw new ImportError(
      "services" in root
        ? "not an apko file: this looks like a Compose file; import the Dockerfile that a service builds"
        : "not an apko file: none of apko's fields is in it",
    );
  const found = z.safeParse(Apko, root);
  if (!found.success) {
    const [issue] = found.error.issues as [z.core.$ZodIssue];
    throw new ImportError(`not an apko file: ${issue.path.join(".")}: ${issueText(issue, root)}`);
  }
  const contents = Object.keys("contents" in root && root.contents ? root.contents : {});
  const unknown = [
    ...contents.filter((field) => !KNOWN_CONTENTS.has(field)).map((field) => `contents.${field}`),
    ...Object.keys(root).filter((field) => !KNOWN.has(field)),
  ];
  return { config: found.data, unknown };
}

function importContents({ contents }: Apko, draft: ImageDraft): void {
  if (contents?.baseimage !== undefined)
    draft.note(`baseimage ${contents.baseimage.image ?? ""}: name the folder with base layout ./…`);
  for (const pinned of contents?.packages ?? []) {
    // A package that must not be installed.
    if (pinned.startsWith("!")) continue;
    const bare = pinned.replace(/[=<>~@].*$/, "");
    if (
      /^(?:alpine-baselayout|wolfi-baselayout|alpine-base|wolfi-base|apk-tools|alpine-keys|wolfi-keyring)$/.test(bare)
    ) {
      draft.provide.add("sh").add("tmp").add("users");
      continue;
    }
    if (/^ca-certificates(?:-bundle)?$/.test(bare)) {
      draft.provide.add("certificates");
      continue;
    }
    const attribute = nixpkgsName(bare);
    if (attribute === undefined)
      draft.note(`package ${pinned}: look it up with \`nix search nixpkgs ${bare}\`, and add it to packages`);
    else if (attribute !== "") draft.packages.push({ text: attribute });
  }
}

function importAccounts({ accounts }: Apko, draft: ImageDraft): void {
  for (const { username, uid, gid = uid, shell, homedir } of accounts?.users ?? [])
    draft.users.set(username, { uid, gid, home: homedir ?? `/home/${username}`, shell: shell ?? "/bin/sh" });
  for (const { groupname, gid, members = [] } of accounts?.groups ?? []) {
    const isOwn = draft.users.get(groupname)?.gid === gid;
    if (!isOwn) draft.groups.set(groupname, { gid });
    for (const member of members) {
      const user = draft.users.get(member);
      if (user !== undefined && user.gid !== gid) user.groups = [...(user.groups ?? []), groupname];
    }
  }
  const runAs = accounts?.["run-as"];
  if (runAs === undefined) return;
  const user = [...draft.users].find(([name, { uid }]) => name === runAs || uid === Number(runAs));
  draft.config.set("user", writeString(user?.[0] ?? runAs));
}

function importPaths({ paths }: Apko, draft: ImageDraft): void {
  for (const { path, type, uid, gid, permissions, source, recursive } of paths ?? []) {
    const mode = permissions === undefined ? undefined : writeMode(octalDigits(permissions));
    const owner = uid === undefined && gid === undefined ? undefined : `${uid ?? 0}:${gid ?? 0}`;
    const rights = { ...(mode !== undefined && { mode }), ...(owner !== undefined && { owner }) };
    const rule = [...(mode === undefined ? [] : [`mode ${mode}`]), ...(owner === undefined ? [] : [`owner ${owner}`])];
    const permit = (glob: string) => draft.permissions.push({ text: `${writeString(glob)} { ${rule.join(" ")} }` });
    if (type === "directory") {
      draft.files.set(path, { text: "directory", ...rights });
      if (recursive === "true" && rule.length > 0) permit(`${path}/**`);
    } else if (type === "empty-file") draft.files.set(path, { text: 'text ""', ...rights });
    else if (type === "symlink") draft.files.set(path, { text: `link ${writeString(source ?? "")}` });
    else if (type === "permissions") {
      for (const glob of recursive === "true" ? [path, `${path}/**`] : [path]) permit(glob);
    } else if (type === "hardlink")
      draft.note(
        `path ${path}: imgc makes no hard links; a symbolic link is ${writeString(path)} link ${writeString(source ?? "")}`,
      );
    else draft.note(`path ${path}: imgc has no entry of the type ${type}`);
  }
}

function importArch(arch: string, draft: ImageDraft): void {
  const names: Record<string, string> = {
    x86_64: "amd64",
    aarch64: "arm64",
    armv7: "arm/v7",
    armhf: "arm/v6",
    x86: "386",
  };
  const found = findPlatform(`linux/${names[arch] ?? arch}`);
  if ("platform" in found) draft.platforms.push(platformText(found.platform));
  else draft.note(`the architecture ${arch} is unknown`);
}

function importCertificates({ certificates }: Apko, draft: ImageDraft): void {
  for (const { name = "additional", content = "" } of certificates?.additional ?? []) {
    draft.files.set(`/etc/ssl/certs/${name}`, { text: `text ${writeString(content)}` });
    draft.note(`certificates: apko also adds ${name} to the bundle; with imgc, use an overlay of cacert`);
  }
  for (const provider of certificates?.providers ?? []) draft.note(`certificates: provider ${provider} has no setting`);
}

/** The octal digits of a mode in YAML: 0o755, 0755, or a decimal number. */
function octalDigits(mode: string): string {
  if (/^0o?[0-7]+$/.test(mode)) return mode.replace(/^0o/, "");
  return Number(mode).toString(8);
}

/** The words of a command line, split as a shell does it, without variables. */
function wordsOf(command: string): string[] {
  return splitWords(command).map((word) =>
    word.replaceAll(
      /"((?:\\[^]|[^"\\])*)"|'([^']*)'|\\([^])/g,
      (_, double?: string, single?: string, escaped?: string) =>
        double === undefined ? (single ?? escaped ?? "") : double.replaceAll(/\\(["\\])/g, "$1"),
    ),
  );
}
