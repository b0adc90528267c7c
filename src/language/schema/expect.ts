/** Conditions that a built image must meet. */
import * as z from "zod/mini";
import { block, defaults } from "../types/block.ts";
import { flag, optional, sequence } from "../types/combine.ts";
import { list } from "../types/list.ts";
import { amount, integer, integerUnit, sizeUnit } from "../types/number.ts";
import { packageType } from "../types/package.ts";
import { many, setting } from "../types/setting.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { isExpression, isSimple, LICENSE_IDS, replacementsOf } from "../../license/license.ts";
import { likelyIds } from "../../license/likely.ts";
import { existingPath } from "../types/path.ts";
import { replacement } from "../types/scalar.ts";
import { refined, text } from "../types/text.ts";
import { textSchema, type Text } from "../types/values.ts";
import { bound } from "../types/bound.ts";

const runSettings = {
  exit: setting(integer(0, 255), 0, { doc: "The expected exit code.", example: "exit 0" }),
  stdout: setting(text, null, { doc: "The expected standard output.", example: 'stdout "ok\\n"' }),
};
interface Run {
  command: Text[];
  exit: number;
  stdout: Text | null;
}
const runSchema = (): z.ZodMiniType<Run> =>
  z.strictObject({ command: z.array(textSchema()), exit: z.int(), stdout: z.union([textSchema(), z.null()]) });

/** A licence, without `AND` and `OR`. */
const license = refined(
  "a licence of SPDX",
  (input, term, scope) => {
    const replacements = replacementsOf(input);
    if (isSimple(input) && replacements.length === 0) return;
    const likely = replacements.length > 0 ? replacements : likelyIds(input);
    const similar = likely.length > 0 ? undefined : suggest(input, LICENSE_IDS);
    const suggestions = similar === undefined ? likely : [similar];
    const parameters = { input, isExpression: isExpression(input), suggestions, isDeprecated: replacements.length > 0 };
    const choices = suggestions.map((id) => replacement(scope, term.span, `"${id}"`));
    // A similar name can be another licence: `BSD` is not `0BSD`.
    const isSure = similar === undefined;
    scope.report(
      "bad-license",
      term.span,
      parameters,
      isSure && choices.length <= 1 ? { fix: choices[0] } : { choices },
    );
  },
  ["an SPDX identifier such as `MIT`, with or without an exception (`WITH`), or a `LicenseRef-`"],
);

export const expectSettings = {
  size: many(bound(amount(sizeUnit)), { doc: "The uncompressed size of the image.", example: "size <= 250MiB" }),
  layers: many(bound(amount(integerUnit)), {
    doc: "The number of layers, those of the base included.",
    example: "layers <= 80",
  }),
  layerSize: many(bound(amount(sizeUnit)), {
    doc: "The uncompressed size of each layer.",
    example: "layer-size <= 100MiB",
  }),
  absent: setting(list(packageType, "packages"), [], {
    doc:
      "Packages of which the image must not contain any output, in any version; `openssl.dev` means that output alone. " +
      "A wrapper, such as `gcc` in nixpkgs, also means the wrapped package, but not the libraries of that package.",
    example: "absent [ gcc ]",
  }),
  present: setting(list(packageType, "packages"), [], {
    doc: "Packages of which the image must contain at least one output; `openssl.dev` means that output alone.",
    example: "present [ cacert ]",
  }),
  licenses: setting(list(license, "licences"), [], {
    doc:
      "The only licences that store paths of the image may have, by SPDX identifier. Of `MIT OR GPL-3.0-only`, one licence " +
      "must be listed; of `MIT AND Zlib`, both. A licence is also allowed with an exception, such as `GPL-3.0-or-later WITH " +
      "GCC-exception-3.1`. A licence outside the SPDX list is named as in the bill of materials: `LicenseRef-Public-Domain`. " +
      "A store path without a known licence fails the build. An empty list is like no setting: it allows all licences.",
    example: 'licenses [ "MIT" "Apache-2.0" ]',
  }),
  noLicenses: setting(list(license, "licences"), [], {
    doc: "Licences that no store path of the image may have. A store path without a known licence fails the build.",
    example: 'no-licenses [ "AGPL-3.0-only" "AGPL-3.0-or-later" ]',
  }),
  signedBase: setting(existingPath, null, {
    doc:
      "The public key, in PEM, that must have signed the base in a registry, as `cosign sign` and `imgc push --sign` do. " +
      "`imgc lock` checks the signature, and records the key beside the digest of the base.",
    example: "signed-base ./cosign.pub",
  }),
  noSetuid: setting(flag, false, { doc: "No file is setuid or setgid.", example: "no-setuid" }),
  noWorldWritable: setting(flag, false, { doc: "No file is world-writable.", example: "no-world-writable" }),
  reproducible: setting(flag, false, {
    doc: "A second build gives the same image. `imgc verify` builds the parts of the image again, and the packages that this machine built.",
    example: "reproducible",
  }),
  run: many(
    sequence(
      [list(text, "strings"), optional(block(runSettings), defaults(runSettings))],
      runSchema,
      (command, rest): Run => ({ command, ...rest }),
    ),
    {
      doc: "A command that must succeed within five minutes in a container of the image. `imgc verify` runs it with podman, docker or runc.",
      example: 'run [ "/bin/api" "--version" ] { exit 0 }',
    },
  ),
};
