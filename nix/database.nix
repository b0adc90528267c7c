# The database of the store paths of an image, and the layer that puts it there. It lies above all that the image adds, so
# that its folders have the owner it says; an image on top of this one has a database of its own that covers both.
{
  derive,
  storeName,
  # The Nix that writes the database.
  nix,
}:
{
  # The plans of the whole chain: every path in them is registered.
  plans,
  content,
  # Who owns the store.
  user,
  # Folders of derivations that are in a base's layers, and not in this machine's store.
  derivations,
  compression,
}:
let
  database = derive "database" "${storeName}-database" {
    image = { inherit plans content user derivations; };
    nix = "${nix}";
  };
in
{
  inherit database;
  layer = derive "layer" "layer.json" {
    label = "database";
    paths = [ ];
    entries = "${database}/files.json";
    permissions = "${content}";
    outputs = [
      "out"
      "digests"
    ];
    inherit compression;
  };
}
