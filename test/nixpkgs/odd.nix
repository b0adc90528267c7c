# What stands in nixpkgs under names of packages and is none, or none any more.
{ hello, writeText }:
{
  # As aliases are, which say what to take instead.
  renamed = throw "renamed has been replaced by hello";
  # Nothing catches these.
  aborted = abort "this set cannot be used";
  endless = let again = again; in again;
  misspelt = writeText "a" { }.b;
  # Called with arguments, as callPackage and withPackages are.
  makeIt = { name, more ? "" }: writeText name more;
  callIt = {
    __functor = _: name: writeText name "";
    __functionArgs = { };
  };
  nothing = null;
  # Evaluated only once something is built.
  imported = import (writeText "imported.nix" "{ name }: name") { name = "imported"; };
  inner = {
    inherit hello;
    deep.er = hello;
  };
}
