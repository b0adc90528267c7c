# Stands in for the package set while an expression is imported: `<nixpkgs>`, and the input `nixpkgs` of a flake.
arguments: import ../recorded-set.nix (import <imgc-import-nixpkgs> arguments)
