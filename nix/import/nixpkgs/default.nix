# Replaces `<nixpkgs>` and a flake's input `nixpkgs` while imgc import evaluates an expression.
arguments: import ../recorded-set.nix (import <imgc-import-nixpkgs> arguments)
