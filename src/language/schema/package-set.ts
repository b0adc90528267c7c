/** The options of the package set, as arguments of nixpkgs. */
import * as z from "zod/mini";
import { plainText } from "../syntax/tree.ts";
import { optional } from "../types/combine.ts";
import { expressionForm, oneOf, pattern, plainForm } from "../types/form.ts";
import { list } from "../types/list.ts";
import { existingPath, pathText, filePathForm } from "../types/path.ts";
import { mismatch, scalar } from "../types/scalar.ts";
import { setting } from "../types/setting.ts";
import { plain } from "../types/text.ts";
import type { Type } from "../types/type.ts";
import { codeSchema, once, type Code } from "../types/values.ts";

const barePattern = /^[A-Za-z_][\w'-]*$/;

/** A package's `pname`, which may differ from its attribute. */
const packageName = scalar<string>({
  label: "the name of a package, such as `vault`",
  name: "package-name",
  form: oneOf(pattern(barePattern), plainForm),
  schema: () => z.string(),
  kinds: ["string"],
  word: (text) => barePattern.test(text),
  convert(term) {
    const text = term.kind === "word" && barePattern.test(term.text) ? term.text : plainText(term);
    return text ?? mismatch;
  },
});

const unfree: Type<string[] | "all"> = {
  ...optional<string[], "all">(list(packageName, "package names"), "all"),
  schema: () => z.union([z.array(z.string()), z.literal("all")]),
};

const overlaySchema = once(() => z.union([z.strictObject({ path: z.string() }), codeSchema()]));
export type Overlay = z.infer<ReturnType<typeof overlaySchema>>;

const code = scalar<Code>({
  label: "a Nix expression",
  name: "nix-expression",
  form: expressionForm("nix"),
  schema: codeSchema,
  kinds: ["expression"],
  convert(term, { directory }) {
    const nix = term.kind === "expression" && term.word === "nix" ? plainText(term.string) : undefined;
    return nix === undefined ? mismatch : { nix, directory };
  },
});

const overlay = scalar<Overlay>({
  label: "a path or a Nix expression",
  name: "overlay",
  form: oneOf(filePathForm, expressionForm("nix")),
  schema: overlaySchema,
  kinds: ["path", "expression"],
  convert(term, scope) {
    if (pathText(term) === undefined) return code.readTerm(term, scope);
    const path = existingPath.readTerm(term, scope);
    return path === undefined ? undefined : { path };
  },
});

export const packageSetSettings = {
  allowUnfree: setting(unfree, [], {
    doc: "Allowed packages whose licence is not free, by `pname`. Without a list, all are allowed.",
    example: "allow-unfree [ vault ]",
  }),
  allowInsecure: setting(list(plain, "package names with versions"), [], {
    doc: "Allowed packages with known vulnerabilities, by name and version.",
    example: 'allow-insecure [ "openssl-1.1.1w" ]',
  }),
  overlays: setting(list(overlay, "paths and Nix expressions"), [], {
    doc:
      "Overlays `final: prev: { … }`, as files or expressions, applied in order. Put an overlay that reads further files " +
      "into a folder with a `default.nix`, so that `imgc compile --flake` copies the whole folder.",
    example: "overlays [ nix ''(final: prev: { greeting = final.hello; })'' ]",
  }),
  config: setting(code, null, {
    doc:
      "Any other configuration of nixpkgs, as an attribute set or as a function of `{ pkgs }` that returns one. " +
      "`allow-unfree` and `allow-insecure` override the same " +
      "attributes in `config`.",
    example: "config nix ''{ cudaSupport = true; }''",
  }),
};
