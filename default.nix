# imgc as a package, for Nix without flakes: `nix-env -f . -i`, or `(import ./. { inherit pkgs; }).lib` for the functions.
{
  pkgs ? import <nixpkgs> { },
}:
import ./nix/package.nix { inherit pkgs; }
