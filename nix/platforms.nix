# The supported platforms (image-spec, image-index.md), by Nix's system. The language's checker reads platforms.json, too.
builtins.fromJSON (builtins.readFile ./platforms.json)
