# The folder of a package set's source. nixpkgs names this folder in the attribute `path`; other sets may lack the attribute.
pkgs:
pkgs.path
  or (throw "imgc[* nixpkgs]: the package set has no attribute `path`, the folder of its source, which `platforms` and `nix { nixpkgs }` need; add it with an overlay, as in `overlays [ nix ''(final: prev: { path = ./set; })'' ]`")
