/** Platforms as in the OCI image-spec (image-index.md), limited to those that have a Nix system. */
import * as z from "zod/mini";
import systems from "../../../nix/platforms.json" with { type: "json" };
import { suggest } from "../../diagnostics/suggest.ts";
import { exact, oneOf } from "../types/form.ts";
import { mismatch, replacement, scalar } from "../types/scalar.ts";
import { once } from "../types/values.ts";
import { platformText } from "../../oci/platform.ts";

const platformSchema = once(() =>
  z.strictObject({
    os: z.string(),
    architecture: z.string(),
    variant: z.union([z.string(), z.null()]),
  }),
);
export type Platform = z.infer<ReturnType<typeof platformSchema>>;

const bySystem = Object.entries(systems).map(([system, parts]): [string, Platform] => {
  const { os, architecture } = parts;
  return [system, { os, architecture, variant: "variant" in parts ? parts.variant : null }];
});
const byName = new Map(bySystem.map(([, each]) => [platformText(each), each]));
const names = [...byName.keys()];

/** Names of architectures in other tools. */
const ALIASES: Record<string, string> = { x64: "amd64", x86: "386", i386: "386", arm: "arm/v7", ppc64el: "ppc64le" };

/** Finds a platform by its name. If there is no such platform, suggests the most similar name. */
export function findPlatform(name: string): { platform: Platform } | { suggestion: string | undefined } {
  const platform = byName.get(name);
  if (platform !== undefined) return { platform };
  const [, architecture = name.replace(/-linux$/, "")] = name.split("/");
  const system = bySystem.find(([nixSystem]) => nixSystem === `${architecture.replaceAll("-", "_")}-linux`);
  const alias = Object.hasOwn(ALIASES, architecture) ? ALIASES[architecture] : architecture;
  // Variants such as amd64/v3 have no Nix system, so the platform without its variant is suggested.
  const similar = byName.has(`linux/${alias}`) ? `linux/${alias}` : system && platformText(system[1]);
  const isOtherSystem = name.includes("/") && !name.startsWith("linux/");
  return { suggestion: isOtherSystem ? undefined : (similar ?? suggest(name, names)) };
}

export const knownPlatforms = names.join(", ");

export const platform = scalar<Platform>({
  label: "a platform, such as `linux/amd64`",
  name: "platform",
  form: oneOf(...names.map(exact)),
  schema: platformSchema,
  kinds: ["literal"],
  rules: [`one of ${knownPlatforms}`],
  convert(term, scope) {
    if (term.kind !== "literal" && term.kind !== "word") return mismatch;
    const found = findPlatform(term.text);
    if ("platform" in found) return found.platform;
    const { suggestion } = found;
    if (suggestion === undefined && !/^[a-z]\w*\//.test(term.text)) return mismatch;
    const fix = suggestion === undefined ? undefined : replacement(scope, term.span, suggestion);
    const expected = `a platform that Nix builds for: ${knownPlatforms}`;
    scope.report("unknown-word", term.span, { input: term.text, expected, suggestion }, { fix });
    return undefined;
  },
});
