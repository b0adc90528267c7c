# The supported platforms (image-spec, image-index.md), by Nix's system. The checker of descriptions reads this file as
# well.
builtins.fromJSON (builtins.readFile ./platforms.json)
