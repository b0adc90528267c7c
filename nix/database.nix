# The Nix database of an image's store paths, and its layer. The layer is above the image's other layers, so that its owners
# of the store's folders apply. An image on top of this one has another database, which covers both.
{
  derive,
  storeName,
  # The Nix that writes the database.
  nix,
}:
{
  # The plans of the image and its bases: every path in them is registered.
  plans,
  content,
  # The store's owner.
  user,
  # Folders of .drv files that are in a base's layers but not in this machine's store.
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
