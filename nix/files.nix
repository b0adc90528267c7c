# Files of an image as people write them -> as the builder reads them.
#
#   "/app"     = { copy = ./src; };
#   "/motd"    = { text = "hi\n"; mode = "0644"; };
#   "/bin/api" = { link = "/app/api"; };
#   "/data"    = { directory = true; mode = "0750"; owner = "api:staff"; };
{ rules }:
files:
let
  # A path of the file system becomes a store path named after its last part.
  source =
    from:
    if builtins.isPath from then
      builtins.path {
        path = from;
        name = storeName (baseNameOf from);
      }
    else
      "${from}";
  storeName =
    name:
    let
      kept = builtins.replaceStrings [ " " ] [ "-" ] name;
    in
    if builtins.match "[0-9a-zA-Z+_?=][-+._?=0-9a-zA-Z]*" kept == null then "source" else kept;

  one =
    path: file:
    rules file
    // {
      inherit path;
    }
    // (
      if file ? copy then
        {
          kind = "copy";
          from = source file.copy;
        }
      else if file ? text then
        {
          kind = "text";
          from = file.text;
        }
      else if file ? link then
        {
          kind = "link";
          from = file.link;
        }
      else if file ? directory then
        {
          kind = "directory";
          from = "";
        }
      else
        throw "imgc: files.\"${path}\" needs one of copy, text, link, directory"
    );
in
builtins.attrValues (builtins.mapAttrs one files)
