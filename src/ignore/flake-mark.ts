/** The start of flake.nix in a folder that `imgc compile --flake` generated. nix/copied.nix has the same text. */
export const FLAKE_MARK = "# Made by `imgc compile --flake`,";
