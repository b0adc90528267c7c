# The images of a spec as derivations: { shop = …; default = …; }. If `imgc compile shop.imgspec -o shop.nix` has written
# shop.nix beside shop.imgspec, that file is evaluated. Otherwise the spec is compiled during evaluation (import from
# derivation).
{
  pkgs,
  nodejs,
  # The arguments of default.nix other than `pkgs`.
  tools,
}:
given:
let
  arguments = if builtins.isAttrs given && !(given ? outPath) then given else { spec = given; };
  inherit (arguments) spec;
  # The folder with all files that the spec names. Compiling during evaluation copies this folder to the store.
  root = arguments.root or (dirOf spec);
  # Values of the spec's `param`s.
  params = arguments.params or { };

  withoutExtension =
    let
      match = builtins.match "(.*)\\.imgspec" (toString spec);
    in
    if match == null then
      throw "imgc: buildSpec takes the path of an .imgspec file, not ${toString spec}"
    else
      builtins.head match;
  committed = /. + "${builtins.unsafeDiscardStringContext withoutExtension}.nix";
  # The heading tells a compiled expression from other files of that name (src/compile/portable.ts).
  isCommitted =
    builtins.pathExists committed
    && builtins.match "# Made from .* by imgc .*" (builtins.substring 0 1000 (builtins.readFile committed)) != null;

  compiled =
    let
      inherit (import ./program.nix) source;
      folder = builtins.path {
        name = "source";
        path = root;
      };
      below = builtins.substring (builtins.stringLength (toString root)) (-1) (toString spec);
    in
    derivation {
      name = "images.nix";
      inherit (nodejs) system;
      builder = "${nodejs}/bin/node";
      args = [
        "${source}/bin/imgc.mjs"
        "compile"
        "${folder}${builtins.unsafeDiscardStringContext below}"
        "-o"
        (builtins.placeholder "out")
      ];
    };

  # The compiled file looks up `<imgc>`, and `<nixpkgs>` if the spec names no package set.
  expression = builtins.scopedImport {
    __nixPath = [
      {
        prefix = "imgc";
        path = toString ../.;
      }
      {
        prefix = "nixpkgs";
        path = nixpkgs;
      }
    ];
    import = imported;
  } (if isCommitted then committed else compiled);
  inherit (pkgs.stdenv.hostPlatform) system;

  # The file calls `import <nixpkgs> { inherit system; }`. It gets `pkgs` itself, since a set from the source of `pkgs` would
  # lack the overlays and the config of `pkgs`.
  imported =
    path:
    if toString path == nixpkgs then
      arguments: if arguments == { } || arguments == { inherit system; } then pkgs else import path arguments
    else if toString path == toString ./. then
      arguments: import ./. (tools // arguments)
    else
      import path;
  # Nix looks up only paths that exist, and some package sets have no `path`.
  nixpkgs = toString (pkgs.path or ./set-path.nix);
  accepted = builtins.functionArgs expression;
  built = expression ((if accepted ? system then { inherit system; } else { }) // params);

  # The last part of the image's name.
  nameOf =
    { image, byPlatform ? { }, ... }:
    baseNameOf (image.imageName or (builtins.head (builtins.attrValues byPlatform)).image.imageName);
in
if built ? outPath then
  {
    ${nameOf built} = built;
    default = built;
  }
else
  built
