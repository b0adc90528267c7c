# Converts `mode`, `owner` and `capabilities` for the content derivation (src/builder/content/make-content.ts).
#
#   { mode = "0750"; owner = "api:staff"; }   { owner = "1000"; }   { owner = "1000:1000"; }
#   { capabilities = [ "net-raw" ]; }
{
  mode ? null,
  owner ? null,
  capabilities ? [ ],
  ...
}:
let
  # Nix has no octal numbers, so a mode is a string of digits.
  octal =
    digits:
    builtins.foldl' (sum: i: sum * 8 + builtins.fromJSON (builtins.substring i 1 digits)) 0 (
      builtins.genList (i: i) (builtins.stringLength digits)
    );
  name = text: if builtins.match "[0-9]+" text == null then text else builtins.fromJSON text;
  parts = builtins.match "([^:]+)(:([^:]+))?" owner;
in
{
  inherit capabilities;
  mode = if mode == null then null else octal mode;
  owner =
    if owner == null then
      null
    else if parts == null then
      throw "imgc: the owner \"${owner}\" is not of the form \"user\" or \"user:group\""
    else
      {
        user = name (builtins.elemAt parts 0);
        group = if builtins.elemAt parts 2 == null then null else name (builtins.elemAt parts 2);
      };
}
