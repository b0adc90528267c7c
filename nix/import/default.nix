# Finds the images of a .nix file or a flake for imgc import: a list of { name, marker }. The file is evaluated with a package
# set whose functions build no images, but return their arguments as text (recorded-set.nix). That text is the marker.
{
  # The path of a .nix file.
  file,
  system,
}:
let
  nixpkgs = ./nixpkgs;
  # With the default `config` and `overlays`.
  pkgs = import nixpkgs { inherit system; };
  # Files that the file imports get this scope, too. The package set is imported without it, since Nix caches only plain
  # imports.
  scope = {
    import = path: if toString path == toString nixpkgs then import path else builtins.scopedImport scope path;
    fetchTarball = _: nixpkgs;
    builtins = builtins // {
      fetchTarball = _: nixpkgs;
      currentSystem = system;
    };
  };
  written = builtins.scopedImport scope file;

  isFlake = builtins.baseNameOf file == "flake.nix";
  inputs = {
    self = {
      outPath = dirOf file;
      rev = "0000000000000000000000000000000000000000";
      shortRev = "0000000";
      lastModifiedDate = "19700101000000";
    }
    // outputs;
    nixpkgs = {
      outPath = toString nixpkgs;
      legacyPackages.${system} = pkgs;
      lib = pkgs.lib or { };
    };
    nix2container = {
      packages.${system} = {
        inherit (pkgs) nix2container;
      };
      # The package set has nix2container already.
      overlays.default = _: _: { };
    };
    flake-utils.lib = rec {
      defaultSystems = [ system ];
      eachSystem = _: make: builtins.mapAttrs (_: value: { ${system} = value; }) (make system);
      eachDefaultSystem = eachSystem null;
    };
  };
  outputs = written.outputs (
    builtins.mapAttrs (name: _: inputs.${name} or (throw "imgc cannot import flakes with the input ${name}")) (
      { self = null; } // builtins.functionArgs written.outputs // written.inputs or { }
    )
  );
  value =
    if isFlake then
      outputs.packages.${system} or outputs.defaultPackage.${system} or outputs
    else if builtins.isFunction written then
      let
        takes = builtins.functionArgs written;
        set = pkgs // {
          inherit pkgs system;
          inherit (pkgs) nix2container;
        };
      in
      if takes == { } then
        written pkgs
      else
        written (builtins.intersectAttrs takes set)
    else
      written;

  images =
    depth: name: value:
    if !builtins.isAttrs value then
      [ ]
    else if value.isRecordedImage or false then
      [
        {
          inherit name;
          marker = value.outPath;
        }
      ]
    else if value.type or "" == "derivation" || depth == 0 then
      [ ]
    else
      builtins.concatMap (name: images (depth - 1) name value.${name}) (builtins.attrNames value);
in
images 3 "image" value
