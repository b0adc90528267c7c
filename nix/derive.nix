# Derivations whose builder is Node itself: no shell, no stdenv, arguments as typed JSON.
{ nodejs }:
let
  # The builder's code alone, so that a change of the command line rebuilds no layer.
  builder = builtins.path {
    name = "imgc-builder.mjs";
    path = ../dist/builder.mjs;
  };
in
rec {
  inherit (nodejs) system;

  # action: what the builder does; arguments: what it is told (src/builder/<action>.ts says which).
  derive =
    action: name: arguments:
    derivation (
      {
        inherit name system;
        builder = "${nodejs}/bin/node";
        args = [
          builder
          action
        ];
        __structuredAttrs = true;
      }
      // arguments
    );
}
