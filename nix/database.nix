# The Nix database of an image's store paths, and the layer that contains it. This layer is above the image's other layers, so
# that its entries decide who owns the store's folder. An image on top of this image has its own database, which covers both.
{
  derive,
  # Makes the derivation of the layer (derive-layers.nix).
  deriveLayers,
  storeName,
  # The Nix that writes the database.
  nix,
}:
{
  # The plans of the image and its bases. The database registers all store paths in these plans.
  plans,
  paths,
  content,
  # The store's owner.
  user,
  # Folders with the .drv files of foreign bases' layers, which this machine's store may lack.
  derivations,
}:
let
  database = derive "database" "${storeName}-database" {
    image = { inherit plans content user derivations; };
    inherit paths;
    nix = "${nix}";
  };
in
{
  inherit database;
  layer = deriveLayers "layer" "layer.json" {
    label = "database";
    paths = [ ];
    entries = "${database}/files.json";
    permissions = "${content}";
  };
}
