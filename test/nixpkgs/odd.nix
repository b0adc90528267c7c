# Attributes that are not packages, of the kinds that nixpkgs has.
{ hello, writeText }:
{
  # Like aliases, which name the replacement.
  renamed = throw "renamed has been replaced by hello";
  # tryEval does not catch these errors.
  aborted = abort "this set cannot be used";
  endless = let again = again; in again;
  misspelt = writeText "a" { }.b;
  # Functions, such as callPackage and withPackages.
  makeIt = { name, more ? "" }: writeText name more;
  callIt = {
    __functor = _: name: writeText name "";
    __functionArgs = { };
  };
  nothing = null;
  # Import from derivation.
  imported = import (writeText "imported.nix" "{ name }: name") { name = "imported"; };
  inner = {
    inherit hello;
    deep.er = hello;
  };
}
