/** The value of the option `--color`. A bundle of its own, so that the bundles of all commands share the value. */

export const COLOR_MODES = ["auto", "always", "never"] as const;
export type ColorMode = (typeof COLOR_MODES)[number];

export const colors: { mode: ColorMode } = { mode: "auto" };
