# The development shell; `npm ci` installs the other tools.
{
  pkgs ? import <nixpkgs> { },
}:
pkgs.mkShell {
  packages = [ pkgs.nodejs ];
}
