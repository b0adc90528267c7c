# Makes a list, for the content derivation, of the variables in `env` that extend values of the base (EnvExtension in
# src/oci/run-config.ts).
#
#   { PATH.prepend = "/app/bin"; MANPATH.append = "/share/man"; LANG = "C.UTF-8"; }
env:
let
  extended = builtins.filter (name: import ./extends.nix env.${name}) (builtins.attrNames env);
in
map (
  name:
  {
    inherit name;
    prepend = null;
    append = null;
  }
  // env.${name}
) extended
