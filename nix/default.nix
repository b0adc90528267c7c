# The functions of imgc, usable by hand. Of the package set they need `nodejs` (22.15 or later) alone.
{
  pkgs ? import <nixpkgs> { },
  nodejs ? pkgs.nodejs,
}:
let
  call = import ./derive.nix { inherit nodejs; };
in
{
  # An image: see image.nix for its arguments.
  image = import ./image.nix { inherit (call) derive system; };
}
