# Files of an image as people write them -> as the builder reads them.
#
#   "/app"     = { copy = ./src; };
#   "/motd"    = { text = "hi\n"; mode = "0644"; };
#   "/bin/api" = { link = "/app/api"; };
#   "/data"    = { directory = true; mode = "0750"; owner = { uid = 1000; gid = 1000; }; };
files:
let
  # Nix has no octal numbers, so a mode is a string of digits.
  octal =
    digits:
    builtins.foldl' (sum: i: sum * 8 + builtins.fromJSON (builtins.substring i 1 digits)) 0 (
      builtins.genList (i: i) (builtins.stringLength digits)
    );

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
    let
      owner = {
        uid = file.owner.uid or 0;
        gid = file.owner.gid or 0;
      };
      mode = default: if file ? mode then octal file.mode else default;
    in
    owner
    // { inherit path; }
    // (
      if file ? copy then
        {
          kind = "copy";
          source = source file.copy;
          mode = mode null;
        }
      else if file ? text then
        {
          kind = "text";
          inherit (file) text;
          mode = mode (octal "0644");
        }
      else if file ? link then
        {
          kind = "link";
          target = file.link;
        }
      else if file ? directory then
        {
          kind = "directory";
          mode = mode (octal "0755");
        }
      else
        throw "imgc: files.\"${path}\" needs one of copy, text, link, directory"
    );
in
builtins.attrValues (builtins.mapAttrs one files)
