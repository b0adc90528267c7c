# Converts `files` of an image to a list for the content derivation (FileArgument in src/builder/content/make-content.ts).
#
#   "/app"     = { copy = ./src; exclude = [ "*.log" ]; };
#   "/motd"    = { text = "hi\n"; mode = "0644"; };
#   "/bin/api" = { link = "/app/api"; };
#   "/tool"    = { extract = ./tool.tar.gz; strip = 1; };
#   "/legacy"  = { remove = true; };                  # removes the base's file or folder; beside `copy` etc.: replaces it
#   "/data"    = { directory = true; mode = "0750"; owner = "api:staff"; };
{
  # The image's name.
  image,
  rules,
  # Whether a path is in the image's own `files`, not added by another setting.
  isAsked,
  # See extract.nix.
  extract,
}:
files:
let
  source = import ./source.nix;

  # The source of a `copy`. copied.nix selects the files of a folder.
  copied =
    path:
    {
      copy,
      exclude ? [ ],
      all ? false,
      within ? null,
      ...
    }:
    let
      fail =
        message: throw "imgc[${image} files ${builtins.toJSON path}]: ${message}";
      filter = import ./copied.nix {
        path = copy;
        inherit
          exclude
          all
          within
          fail
          ;
      };
    in
    if builtins.isPath copy then
      source { inherit filter; } copy
    else if exclude != [ ] || all then
      fail "`exclude` and `all` need a Nix path such as ./src in `copy`, not a string or a package (${copy}); remove them, or write a path"
    else
      source { } copy;

  # `remove` beside another form replaces the base's file or folder.
  entries =
    path: file:
    let
      other = removeAttrs file [ "remove" ];
    in
    if file ? remove && other != { } then
      [
        (one path { inherit (file) remove; })
        (one path other)
      ]
    else
      [ (one path file) ];

  one =
    path: file:
    rules file
    // {
      inherit path;
      isAsked = isAsked path;
      # A file with the modes that a store cannot hold. Only extract.nix sets it.
      modes = null;
    }
    // (
      if file ? copy then
        {
          kind = "copy";
          from = copied path file;
        }
      else if file ? extract then
        extract path file
      else if file ? remove then
        {
          kind = "remove";
          from = "";
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
        throw "imgc: files.\"${path}\" needs one of copy, extract, text, link, directory, remove"
    );
in
builtins.concatLists (builtins.attrValues (builtins.mapAttrs entries files))
