# Files of an image as people write them -> as the builder reads them.
#
#   "/app"     = { copy = ./src; };
#   "/motd"    = { text = "hi\n"; mode = "0644"; };
#   "/bin/api" = { link = "/app/api"; };
#   "/data"    = { directory = true; mode = "0750"; owner = "api:staff"; };
#
# isAsked: whether the image's `files` name a path, and not another setting.
{ rules, isAsked }:
files:
let
  source = import ./source.nix;

  one =
    path: file:
    rules file
    // {
      inherit path;
      isAsked = isAsked path;
    }
    // (
      if file ? copy then
        {
          kind = "copy";
          from = source file.copy;
        }
      else if file ? extract || file ? remove then
        throw "imgc: files.\"${path}\": extract and remove cannot be built yet"
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
