# The package set with the project in it.
arguments:
let
  pkgs = import <nixpkgs> arguments;
in
pkgs // { greet = import ./greet { inherit pkgs; }; }
