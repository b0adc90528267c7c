# The functions of imgc, usable by hand. Of the package set they need `nodejs` (22.15 or later), and what `provide` and
# `nix` put into an image.
{
  pkgs ? import <nixpkgs> { },
  # What builds: of the machine that does, whatever the image is for.
  nodejs ? pkgs.nodejs or null,
  # What writes the databases of Nix inside images: of that machine, too.
  nix ? pkgs.nix,
  # Unpacks xz archives of `files`: a package for the machine that builds, too.
  xz ? pkgs.xz or null,
}:
let
  inherit (import ./derive.nix { nodejs = builder; }) derive check extract;
  oldest = "22.15";
  version = nodejs.version or (builtins.parseDrvName nodejs.name).version;
  giveAnother = "give another one by an overlay, as in `nixpkgs … { overlays [ nix ''(final: prev: { nodejs = prev.nodejs_24; })'' ] }`; Nix code gives it to nix/default.nix as `nodejs`";
  builder =
    if !builtins.isAttrs pkgs then
      throw "imgc[* nixpkgs]: the package set is a ${if builtins.isFunction pkgs then "function" else builtins.typeOf pkgs}, not a set; what has one to call is called, as in `nix ''import ./set.nix { }''`"
    else if nodejs == null then
      throw "imgc[* nixpkgs]: the package set has no `nodejs`, which builds images; ${giveAnother}"
    else if version != "" && builtins.compareVersions version oldest < 0 then
      throw "imgc[* nixpkgs]: `nodejs` of the package set is ${version}, and images are built by ${oldest} or later; ${giveAnother}"
    else
      nodejs;
  # What the image is for.
  system = pkgs.stdenv.hostPlatform.system or builder.system;
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
      extract
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
