# The functions of imgc, usable by hand. Of the package set they need `nodejs` (22.15 or later), and what `provide` and
# `nix` put into an image.
{
  pkgs ? import <nixpkgs> { },
  nodejs ? pkgs.nodejs,
}:
let
  inherit (import ./derive.nix { inherit nodejs; }) derive check system;
in
{
  # An image: see image.nix for its arguments.
  image = import ./image.nix { inherit
      pkgs
      derive
      check
      system
      ; };
}
