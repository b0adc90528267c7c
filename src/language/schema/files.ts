// Files, users and permissions.
import * as z from "zod/mini";
import type { Term } from "../syntax/tree.ts";
import { block, defaults } from "./block.ts";
import { choice } from "./choice.ts";
import { constant, optional, sequence } from "./combine.ts";
import { entries, nameKey, pathKey } from "./entries.ts";
import { list } from "./list.ts";
import { copySource, owner } from "./misc.ts";
import { integer, mode } from "./number.ts";
import { required, setting, type Infer } from "./setting.ts";
import { plain, text } from "./text.ts";
import type { Scope, Type } from "./type.ts";
import { ownerSchema, textSchema, type Owner } from "./values.ts";

const attributeSettings = {
  mode: setting(mode, null, { doc: "Permission bits.", example: "mode 0750" }),
  owner: setting(owner, null, { doc: "Who owns it.", example: "owner 1000:1000" }),
};
const attributes = optional(block(attributeSettings), defaults(attributeSettings));

type Content =
  | { kind: "copy"; source: z.infer<ReturnType<typeof copySource.schema>> }
  | { kind: "text"; text: z.infer<ReturnType<typeof textSchema>> }
  | { kind: "link"; target: z.infer<ReturnType<typeof textSchema>> }
  | { kind: "directory" };
/** One entry of `files`. */
export type FileSpec = { path: string } & Infer<typeof attributeSettings> & Content;
type Unplaced = Infer<typeof attributeSettings> & Content;

const common = () => ({
  path: z.string(),
  mode: z.union([mode.schema(), z.null()]),
  owner: z.union([ownerSchema(), z.null()]),
});
const fileSchema = (): z.ZodMiniType<FileSpec> =>
  z.discriminatedUnion("kind", [
    z.strictObject({ ...common(), kind: z.literal("copy"), source: copySource.schema() }),
    z.strictObject({ ...common(), kind: z.literal("text"), text: textSchema() }),
    z.strictObject({ ...common(), kind: z.literal("link"), target: textSchema() }),
    z.strictObject({ ...common(), kind: z.literal("directory") }),
  ]);

function content<T>(value: Type<T>, make: (value: T) => Content): Type<Unplaced> {
  const schema = () => fileSchema() as unknown as z.ZodMiniType<Unplaced>;
  return sequence([value, attributes], schema, (read, more) => ({ ...more, ...make(read) }));
}

function absolute(name: string, term: Term, scope: Scope): boolean {
  if (name.startsWith("/") && !name.split("/").includes("..") && !name.includes("\0")) return true;
  scope.report("bad-image-path", term.span, { written: name });
  return false;
}

/** A path without doubled or trailing slashes, so that the same one is known again. */
function normal(path: string): string {
  return `/${path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;
}

const filePath = pathKey(absolute);

export const files = entries<string, Unplaced, FileSpec>(
  {
    ...filePath,
    read(term, scope) {
      const path = filePath.read(term, scope);
      return path === undefined ? undefined : normal(path);
    },
  },
  choice<Unplaced>({
    copy: content(copySource, (source) => ({ kind: "copy", source })),
    text: content(text, (value) => ({ kind: "text", text: value })),
    link: content(text, (target) => ({ kind: "link", target })),
    directory: content(
      constant(true, () => z.boolean()),
      () => ({ kind: "directory" }),
    ),
  }),
  fileSchema,
  (path, rest) => ({ path, ...rest }),
);

const permissionSchema = (): z.ZodMiniType<{ glob: string; mode: number | null; owner: Owner | null }> =>
  z.strictObject({
    glob: z.string(),
    mode: z.union([mode.schema(), z.null()]),
    owner: z.union([ownerSchema(), z.null()]),
  });

export const permissions = entries(
  pathKey(() => true),
  block(attributeSettings),
  permissionSchema,
  (glob, rest) => ({
    glob,
    ...rest,
  }),
);

const highest = 2 ** 32 - 2;
const userSettings = {
  uid: required(integer(0, highest), { doc: "The user's id.", example: "uid 1000" }),
  gid: required(integer(0, highest), { doc: "The id of the user's group.", example: "gid 1000" }),
  home: setting(text, null, { doc: "The home directory.", example: 'home "/home/api"' }),
  shell: setting(text, null, { doc: "The login shell.", example: 'shell "/bin/sh"' }),
  groups: setting(list(plain, "strings"), [], { doc: "Further groups.", example: 'groups [ "staff" ]' }),
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

function userName(name: string, term: Term, scope: Scope): boolean {
  if (/^[A-Za-z_][\w.-]{0,31}$/.test(name)) return true;
  scope.report("bad-user-name", term.span, { written: name });
  return false;
}

export const users = entries(nameKey(userName), block(userSettings), userSchema, (name, rest) => ({ name, ...rest }));
