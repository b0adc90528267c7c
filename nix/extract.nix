# An archive that `files` unpacks -> its content, as the builder reads it.
#
#   { extract = ./tool.tar.gz; strip = 1; }
{
  extract,
  # The image's, for findings.
  imageName,
  # Unpacks xz, on the machine that builds.
  xz,
}:
path: file:
let
  archive = import ./source.nix { } file.extract;
  name = baseNameOf archive;
  # What the name says is none of xz's needs no xz.
  isOther = builtins.match ".*\\.(tar|gz|tgz|zst|tzst|zip|jar)" name != null;
  extracted = extract "extracted" {
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
