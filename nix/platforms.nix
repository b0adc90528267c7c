# The platforms that images are made for (image-spec, image-index.md), by the system that Nix calls them. The checker of
# descriptions reads the same file.
builtins.fromJSON (builtins.readFile ./platforms.json)
