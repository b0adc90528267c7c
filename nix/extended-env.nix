# Converts the variables of `env` that extend the base's values to the builder's form.
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
