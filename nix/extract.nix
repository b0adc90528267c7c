# Unpacks an archive of `files`; returns the copy of its content in the builder's form.
#
#   { extract = ./tool.tar.gz; strip = 1; }
{
  extract,
  # The image's name, for findings.
  imageName,
  # The package with xz, for the machine that builds.
  xz,
}:
path: file:
let
  archive = import ./source.nix { } file.extract;
  name = baseNameOf archive;
  # Archives with these names are not compressed with xz.
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
