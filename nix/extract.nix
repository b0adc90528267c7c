# Converts an entry `extract` of `files` to an entry that copies the unpacked archive, for the content derivation.
#
#   { extract = ./tool.tar.gz; strip = 1; }
{
  derive,
  # The image's name, for findings.
  imageName,
  # The package with xz, for the building machine.
  xz,
}:
path: file:
let
  archive = import ./source.nix { } file.extract;
  name = baseNameOf archive;
  # Archives with these extensions need no xz.
  isOther = builtins.match ".*\\.(tar|gz|tgz|zst|tzst|zip|jar)" name != null;
  extracted = derive "extract" "extracted" {
    inherit imageName path archive;
    strip = file.strip or 0;
    xz = if isOther || xz == null then null else "${xz.bin or xz}/bin/xz";
  };
in
{
  kind = "copy";
  from = "${extracted}/tree";
  modes = "${extracted}/modes.json";
}
