# A path of the file system becomes a store path named after its last part; what is in the store already stays there.
{
  # The rules for copying a folder: see copied.nix.
  filter ? _: _: true,
}:
from:
let
  storeName =
    name:
    let
      kept = builtins.replaceStrings [ " " ] [ "-" ] name;
    in
    if builtins.match "[0-9a-zA-Z+_?=][-+._?=0-9a-zA-Z]*" kept == null then "source" else kept;
in
if builtins.isPath from then
  builtins.path {
    path = from;
    name = storeName (baseNameOf from);
    inherit filter;
  }
else
  import ./in-store.nix from
