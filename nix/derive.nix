# Derivations whose builder is Node.js: no shell, no stdenv, arguments as JSON (structured attributes).
{ nodejs }:
let
  # Each action has a bundle, which loads only the code of this action, and whose changes make no other derivations again.
  programs = builtins.mapAttrs (
    name: _:
    builtins.path {
      name = "imgc-${name}";
      path = ../dist/builders + "/${name}";
    }
  ) (builtins.readDir ../dist/builders);
in
{
  inherit (nodejs) system;

  # Takes an action, a name and arguments; src/builder/actions/ACTION.ts has the arguments of each action.
  derive =
    action: name: arguments:
    derivation (
      {
        inherit name;
        inherit (nodejs) system;
        builder = "${nodejs}/bin/node";
        args = [
          programs."${action}.cjs"
          action
        ];
        __structuredAttrs = true;
        # These actions read the graph of the whole image but few bytes of its files, so a remote builder would take longer.
        preferLocalBuild = builtins.elem action [
          "content"
          "plan"
          "image"
        ];
      }
      // arguments
    );
}
