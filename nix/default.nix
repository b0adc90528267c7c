# The functions of imgc for Nix code (nix/README.md). They need `nodejs` (22.15 or later) from the package set, the
# packages that `provide` and `nix` add to an image, `nix` for databases, and `xz` for `extract`.
{
  pkgs ? import <nixpkgs> { },
  # Runs the builders: a package for the building machine, also when the image is for another platform.
  nodejs ? pkgs.nodejs or null,
  # Writes the Nix databases of images. Like `nodejs`, a package for the building machine.
  nix ? pkgs.nix,
  # Unpacks xz archives of `files`. Like `nodejs`, a package for the building machine.
  xz ? pkgs.xz or null,
}@given:
let
  inherit (import ./derive.nix { nodejs = builder; }) derive;
  oldest = "22.15";
  version = nodejs.version or (builtins.parseDrvName nodejs.name).version;
  setNodejs = "set it with an overlay, as in `nixpkgs … { overlays [ nix ''(final: prev: { nodejs = prev.nodejs_24; })'' ] }`, or pass `nodejs` to nix/default.nix";
  builder =
    if !builtins.isAttrs pkgs then
      throw "imgc[* nixpkgs]: the package set is a ${if builtins.isFunction pkgs then "function" else builtins.typeOf pkgs}, not a set; if it is a function, call it, as in `nix ''import ./set.nix { }''`"
    else if nodejs == null then
      throw "imgc[* nixpkgs]: the package set has no `nodejs`, with which imgc builds images; ${setNodejs}"
    else if version != "" && builtins.compareVersions version oldest < 0 then
      throw "imgc[* nixpkgs]: `nodejs` of the package set is version ${version}, but imgc needs ${oldest} or later; ${setNodejs}"
    else
      nodejs;
  # The system on which the image runs.
  system = pkgs.stdenv.hostPlatform.system or builder.system;
  platform =
    (import ./platforms.nix).${system} or (throw "imgc: no image platform is known for the system ${system}");
in
{
  # An image; image.nix has its arguments.
  image = import ./image.nix {
    inherit
      pkgs
      derive
      platform
      xz
      ;
    hostNix = nix;
  };
  # An image for several platforms.
  platforms = import ./index.nix {
    inherit
      pkgs
      nix
      xz
      derive
      ;
    nodejs = builder;
  };
  # The images of a spec, by the path of the .imgspec file.
  buildSpec = import ./build-spec.nix {
    inherit pkgs;
    nodejs = builder;
    tools = builtins.removeAttrs given [ "pkgs" ];
  };
  # The same image or set of images, with traces for imgc.
  traced = import ./traced.nix;
  # The Nix database of packages and their closure, for a store that another tool makes: db.sqlite and schema.
  database =
    packages:
    derive "database" "nix-database" {
      nix = "${nix}";
      exportReferencesGraph.closure = packages;
    };
  # Values for `base` from images made elsewhere: registry, archive, layout, nix.
  base = import ./base.nix { inherit derive platform; };
  # Checks an image in any form; the derivation fails if there is a finding.
  verify = image: derive "checks" "verified-image" { image = "${image}"; };
}
