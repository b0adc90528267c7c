/** The settings of files, permissions, users and groups. */
import * as z from "zod/mini";
import { CAPABILITIES, type Capability } from "../../util/capabilities.ts";
import { patternProblem } from "../../ignore/pattern.ts";
import { STORE_DIR } from "../../store/store-path.ts";
import { GlobError, globMatcher } from "../../util/glob.ts";
import { impossible } from "../../util/impossible-glob.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { writeString } from "../syntax/string.ts";
import { nameOf, plainText, type Term } from "../syntax/tree.ts";
import { block, defaults, settingsSchema } from "../types/block.ts";
import { choice } from "../types/choice.ts";
import { constant, flag, optional, sequence } from "../types/combine.ts";
import { entries, nameKey, pathKey } from "../types/entries.ts";
import { exact, named, oneOf, pattern, plainForm } from "../types/form.ts";
import { list } from "../types/list.ts";
import { copySource } from "../types/path.ts";
import { integer, mode } from "../types/number.ts";
import { mismatch, replacement, scalar } from "../types/scalar.ts";
import { required, setting, type Infer } from "../types/setting.ts";
import { plain, refined, text } from "../types/text.ts";
import type { Scope, Type, Settings } from "../types/type.ts";
import { textSchema } from "../types/values.ts";
import { owner } from "../types/owner.ts";

/** A capability. For the spellings of the kernel and of other tools, the correct name is suggested. */
const capability = scalar<Capability>({
  label: "a capability, such as `net-raw`",
  form: oneOf(...CAPABILITIES.map(exact)),
  schema: () => z.enum(CAPABILITIES),
  kinds: [],
  words: CAPABILITIES,
  word: () => true,
  convert(term, scope) {
    if (term.kind !== "word") return mismatch;
    const found = CAPABILITIES.find((name) => name === term.text);
    if (found !== undefined) return found;
    const bare = term.text.toLowerCase().replaceAll("_", "-").replace(/^cap-/, "");
    const suggestion = suggest(bare, CAPABILITIES);
    const fix = suggestion === undefined ? undefined : replacement(scope, term.span, suggestion);
    const expected = "a capability of Linux, such as `net-raw`";
    scope.report("unknown-word", term.span, { input: term.text, expected, suggestion }, { fix });
    return undefined;
  },
});

const ownerSettings = {
  owner: setting(owner, null, { doc: "The owner: a user, or a user and a group.", example: "owner 1000:1000" }),
};
const attributeSettings = {
  mode: setting(mode, null, { doc: "The permission bits, in octal.", example: "mode 0750" }),
  ...ownerSettings,
};
const programSettings = {
  ...attributeSettings,
  capabilities: setting(list(capability, "capabilities"), [] as Capability[], {
    doc: "Capabilities that a program gets without root. They are written to the `security.capability` attribute of the file, or of each file in a folder. A container without one of these capabilities cannot run the program.",
    example: "capabilities [ net-raw ]",
  }),
};
/** A pattern as in a .gitignore file. */
const ignorePattern = refined(
  "a pattern, such as `*.log`",
  (input, term, scope) => {
    const problem = patternProblem(input);
    if (problem === undefined) return;
    const { reason, instead } = problem;
    const fix = instead === undefined ? undefined : replacement(scope, term.span, writeString(instead));
    scope.report("bad-pattern", term.span, { input, reason }, { fix });
  },
  [],
);
const copySettings = {
  ...programSettings,
  exclude: setting(list(ignorePattern, "patterns"), [] as string[], {
    doc: "Files of the folder that are not copied: patterns in the syntax of .gitignore files, relative to the folder. Not with a package, which is copied whole.",
    example: 'exclude [ "*.log" "/tmp" ]',
  }),
  all: setting(flag, false, {
    doc: "Also copies the files that are left out by default: files that .gitignore files ignore, `.git`, links named `result` or `result-…`, `imgc.lock`, and flakes that imgc wrote. Not with a package, which is copied whole.",
    example: "all",
  }),
};
const extractSettings = {
  strip: setting(integer(0, 100), 0, {
    doc: "The number of leading folders to drop from the names in the archive.",
    example: "strip 1",
  }),
  ...ownerSettings,
};

type CopySource = z.infer<ReturnType<typeof copySource.schema>>;
type Text = z.infer<ReturnType<typeof textSchema>>;
type Content =
  | ({ kind: "copy"; source: CopySource } & Infer<typeof copySettings>)
  | ({ kind: "extract"; source: CopySource } & Infer<typeof extractSettings>)
  | ({ kind: "text"; text: Text } & Infer<typeof programSettings>)
  | ({ kind: "link"; target: Text } & Infer<typeof ownerSettings>)
  | ({ kind: "directory" } & Infer<typeof attributeSettings>)
  | { kind: "remove" };
/** One entry of `files`. */
export type FileSpec = { path: string } & Content;

const fileSchema = (): z.ZodMiniType<FileSpec> => {
  const schemaOf = <S extends Settings, M extends Record<string, z.ZodMiniType>>(settings: S, more: M) =>
    settingsSchema(settings, { path: z.string(), ...more });
  return z.union([
    schemaOf(copySettings, { kind: z.literal("copy"), source: copySource.schema() }),
    schemaOf(extractSettings, { kind: z.literal("extract"), source: copySource.schema() }),
    schemaOf(programSettings, { kind: z.literal("text"), text: textSchema() }),
    schemaOf(ownerSettings, { kind: z.literal("link"), target: textSchema() }),
    schemaOf(attributeSettings, { kind: z.literal("directory") }),
    schemaOf({}, { kind: z.literal("remove") }),
  ]);
};
const contentSchema = () => fileSchema() as unknown as z.ZodMiniType<Content>;
const nothing = constant(true, () => z.boolean());

/** A value, with optional settings in braces. */
function content<T, S extends Settings>(
  value: Type<T>,
  settings: S,
  make: (value: T, attributes: Infer<S>) => Content,
): Type<Content> {
  return sequence([value, optional(block(settings), defaults(settings))], contentSchema, make);
}

function absolute(name: string, term: Term, scope: Scope): boolean {
  if (isImagePath(name)) return true;
  reportImagePath(name, term, scope);
  return false;
}

function isImagePath(path: string): boolean {
  return path.startsWith("/") && !path.split("/").includes("..") && !path.includes("\0");
}

/** The place in the container, if a text has the form that Compose has for volumes: `./data:/data`, `/data:ro`. */
export function placeOfVolume(input: string): string | undefined {
  const [, place] = /^[^:]*:(\/[^:]*)(?::[a-zA-Z,]*)?$/.exec(input) ?? WITH_OPTIONS.exec(input) ?? [];
  return place;
}
const OPTION = "(?:r[ow]|[zZU]|cached|consistent|delegated|nocopy|r?(?:shared|slave|private))";
const WITH_OPTIONS = new RegExp(`^(/[^:]*):${OPTION}(?:,${OPTION})*$`);

/** Reports a path that is not absolute, has `..`, or is a volume of Compose. */
export function reportImagePath(input: string, term: Term, scope: Scope): void {
  const place = placeOfVolume(input);
  const instead = place ?? `/${input.replace(/^(?:\.\/)+/, "")}`;
  // A text with interpolations is not fixed: the fix would replace them.
  const isFixed = plainText(term) === input && (place !== undefined || /^[^/~$]/.test(input)) && isImagePath(instead);
  const fix = isFixed ? replacement(scope, term.span, writeString(instead)) : undefined;
  scope.report("bad-image-path", term.span, { input, place }, { fix });
}

/** A path without doubled and trailing slashes, so that equal paths have equal text. */
function normal(path: string): string {
  if (!/\/\.?(?:\/|$)/.test(path) && path.startsWith("/")) return path;
  return `/${path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;
}

const filePath = pathKey(absolute, ["starts with `/`, without `..`"]);

export const files = entries<string, Content, FileSpec>(
  {
    ...filePath,
    read(term, scope) {
      const path = filePath.read(term, scope);
      return path === undefined ? undefined : normal(path);
    },
  },
  choice<Content>(
    {
      copy: content(copySource, copySettings, (source, more) => ({ kind: "copy", source, ...more })),
      extract: content(copySource, extractSettings, (source, more) => ({ kind: "extract", source, ...more })),
      text: content(text, programSettings, (value, more) => ({ kind: "text", text: value, ...more })),
      link: content(text, ownerSettings, (target, more) => ({ kind: "link", target, ...more })),
      directory: content(nothing, attributeSettings, (_, more) => ({ kind: "directory", ...more })),
      remove: constant<Content>({ kind: "remove" }, contentSchema),
    },
    ({ kind }) => (kind === "path" ? "copy" : undefined),
  ),
  fileSchema,
  (path, rest) => ({ path, ...rest }),
  // A removal may have the same path as another entry, which then replaces the base's file or folder.
  ({ kind }) => kind === "remove",
);

/** One entry of `permissions`. */
export type PermissionSpec = { glob: string } & Infer<typeof programSettings>;

const permissionSchema = (): z.ZodMiniType<PermissionSpec> => settingsSchema(programSettings, { glob: z.string() });

function isValidGlob(glob: string): boolean {
  try {
    globMatcher(glob);
    return true;
  } catch {
    return false;
  }
}

function isGlob(glob: string, term: Term, scope: Scope): boolean {
  try {
    globMatcher(glob);
  } catch (error) {
    if (!(error instanceof GlobError)) throw error;
    const similar = error.similar.filter(isValidGlob).map((each) => replacement(scope, term.span, writeString(each)));
    scope.report("bad-glob", term.span, { input: glob, reason: error.message }, { choices: similar });
    return false;
  }
  const found = impossible(glob, STORE_DIR);
  if (found === undefined) return true;
  const { reason, instead } = found;
  const fix = instead === undefined ? undefined : replacement(scope, term.span, writeString(instead));
  scope.report("impossible-glob", term.span, { written: glob, reason }, { fix });
  return false;
}

export const permissions = entries(
  pathKey(isGlob, ["a glob of whole paths, which start with `/` or `**`"]),
  block(programSettings),
  permissionSchema,
  (glob, rest) => ({
    glob,
    ...rest,
  }),
);

/** A user's name, with or without quotes. */
const userWord = scalar<string>({
  label: "a user's name",
  form: oneOf(named("user-name", pattern(/^[A-Za-z_][\w-]{0,31}$/)), plainForm),
  schema: () => z.string(),
  kinds: ["string", "literal"],
  word: () => true,
  convert(term) {
    return nameOf(term) ?? mismatch;
  },
});

const MAX_ID = 2 ** 32 - 2;
const userSettings = {
  uid: required(integer(0, MAX_ID), { doc: "The id of the user.", example: "uid 1000" }),
  gid: required(integer(0, MAX_ID), { doc: "The id of the user's own group.", example: "gid 1000" }),
  home: setting(text, null, { doc: "The home directory.", example: 'home "/home/api"' }),
  shell: setting(text, null, { doc: "The login shell.", example: 'shell "/bin/sh"' }),
  groups: setting(list(plain, "strings"), [], { doc: "Further groups of the user.", example: 'groups [ "staff" ]' }),
};
/** One entry of `users`. */
export type UserSpec = { name: string } & Infer<typeof userSettings>;

const userSchema = (): z.ZodMiniType<UserSpec> =>
  z.strictObject({
    name: z.string(),
    uid: z.int(),
    gid: z.int(),
    home: z.union([textSchema(), z.null()]),
    shell: z.union([textSchema(), z.null()]),
    groups: z.array(z.string()),
  });

const USER_NAME = /^[A-Za-z_][\w.-]{0,31}$/;
const userName = nameKey(
  (name, term, scope) => {
    if (USER_NAME.test(name)) return true;
    scope.report("bad-user-name", term.span, { input: name });
    return false;
  },
  [`matches \`${USER_NAME.source}\``],
);

export const users = entries(userName, block(userSettings), userSchema, (name, rest) => ({ name, ...rest }));

const groupSettings = {
  gid: required(integer(0, MAX_ID), { doc: "The id of the group.", example: "gid 50" }),
  members: setting(list(userWord, "names"), [], {
    doc: "Users of the image that belong to the group, besides those whose own group it is.",
    example: "members [ nobody ]",
  }),
};
/** One entry of `groups`. */
export type GroupSpec = { name: string } & Infer<typeof groupSettings>;

const groupSchema = (): z.ZodMiniType<GroupSpec> => settingsSchema(groupSettings, { name: z.string() });

export const groups = entries(userName, block(groupSettings), groupSchema, (name, rest) => ({
  name,
  ...rest,
}));
