# The functions of imgc, usable by hand. Of the package set they need `nodejs` (22.15 or later), and what `provide` and
# `nix` put into an image.
{
  pkgs ? import <nixpkgs> { },
  # What builds: of the machine that does, whatever the image is for.
  nodejs ? pkgs.nodejs,
  # What writes the databases of Nix inside images: of that machine, too.
  nix ? pkgs.nix,
}:
let
  inherit (import ./derive.nix { inherit nodejs; }) derive check;
  # What the image is for.
  system = pkgs.stdenv.hostPlatform.system or nodejs.system;
  platform =
    (import ./platforms.nix).${system} or (throw "imgc: no image platform is known for ${system}");
in
{
  # An image: see image.nix for its arguments.
  image = import ./image.nix {
    inherit
      pkgs
      derive
      check
      platform
      ;
    hostNix = nix;
  };
  # An image for several platforms.
  platforms = import ./index.nix {
    inherit
      pkgs
      nodejs
      nix
      derive
      ;
  };
  # The database alone, of packages and all they need, for a store that something else makes: db.sqlite and schema.
  database =
    packages:
    derive "database" "nix-database" {
      nix = "${nix}";
      exportReferencesGraph.closure = packages;
    };
  # What an image made elsewhere is as a `base`: registry, archive, layout, nix.
  base = import ./base.nix { inherit derive platform; };
  # Holds an image of any form against what it claims, and fails where something does not hold.
  verify = image: check "verified-image" { image = "${image}"; };
}
