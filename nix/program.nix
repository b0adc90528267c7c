# Copies imgc to the store: the command line, the bundles of the builders, and the Nix functions of this folder.
let
  version = (builtins.fromJSON (builtins.readFile ../package.json)).version;
  files = [
    "LICENSE"
    "bin"
    "dist"
    "nix"
    "package.json"
  ];
in
{
  inherit version;
  source =
    if builtins.pathExists ../dist/imgc.cjs then
      builtins.path {
        name = "imgc-source-${version}";
        path = ../.;
        filter =
          path: _:
          let
            top = builtins.stringLength (toString ../.) + 1;
            first = builtins.head (builtins.split "/" (builtins.substring top (-1) path));
          in
          builtins.elem (builtins.unsafeDiscardStringContext first) files;
      }
    else
      throw "imgc: ${toString ../.} has no dist/, which git does not hold: run `npm ci && npm run build` in the checkout and refer to it as `path:…`, or use the release tarball, which has dist/";
}
