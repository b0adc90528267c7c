# Copies a path into the store, with the path's last part as its name. Returns packages and store paths without a copy.
{
  # Selects the files of a folder (copied.nix).
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
