# One image for several platforms, each from the package set of its platform, built by this machine's Node.js.
#
#   platforms [ "linux/amd64" "linux/arm64" ] ({ pkgs, imgc }: imgc.image { … })
#
# For a single platform, the result is the image itself.
{
  pkgs,
  nodejs,
  nix,
  xz,
  derive,
}:
names: make:
let
  known = import ./platforms.nix;
  nameOf = import ./platform-name.nix;
  systemOf =
    name:
    let
      found = builtins.filter (system: nameOf known.${system} == name) (builtins.attrNames known);
    in
    if found == [ ] then
      throw "imgc: no Nix system is known for the platform ${name}; known are ${toString (map nameOf (builtins.attrValues known))}"
    else
      builtins.head found;

  # The same package set, for another platform.
  setFor =
    system:
    if system == (pkgs.stdenv.hostPlatform.system or nodejs.system) then
      pkgs
    else
      import (import ./set-path.nix pkgs) (
        {
          inherit system;
        }
        // (if pkgs ? config then { inherit (pkgs) config; } else { })
        // (if pkgs ? overlays then { inherit (pkgs) overlays; } else { })
      );
  imageFor =
    name:
    let
      set = setFor (systemOf name);
    in
    make {
      pkgs = set;
      imgc = import ./. {
        pkgs = set;
        inherit nodejs nix xz;
      };
    };

  byPlatform = builtins.listToAttrs (
    map (name: {
      inherit name;
      value = imageFor name;
    }) names
  );
  images = map (name: byPlatform.${name}) names;
  first = builtins.head images;
  # The gzip form of every platform comes before the zstd forms: clients without zstd take the first image of their platform.
  parts = builtins.concatLists (
    builtins.genList (form: map (each: "${builtins.elemAt each.forms form}") images) (
      builtins.length first.forms
    )
  );
  storeName = (builtins.head first.forms).name;
  index = derive "index" "${storeName}-index" { images = parts; };
  oci = derive "layout" "${storeName}-oci" {
    image = index;
    blobs = builtins.concatMap (each: map (blobsOf { inherit derive; }) each.sources) images;
  };
  blobsOf = import ./blobs-of.nix;
  listOf = value: if builtins.isList value then value else [ value ];
  outputs = {
    raw = index;
    inherit oci;
  };
in
if builtins.length names == 1 then
  first
else
  (outputs.${first.output} or (throw "imgc: the output of an image for several platforms is one of ${toString (builtins.attrNames outputs)}, not ${first.output}"))
  // {
    image = index;
    inherit oci byPlatform;
    digests = builtins.concatMap (each: listOf each.digests) images;
    inherit (first) ownPlan;
    inputs = builtins.foldl' (all: each: all // each.inputs) { } images;
    evaluated = builtins.concatMap (each: each.evaluated) images;
    reusable = builtins.concatMap (each: each.reusable) images;
  }
