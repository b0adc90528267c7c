# What to work on imgc with; `npm ci` brings the other tools.
{
  pkgs ? import <nixpkgs> { },
}:
pkgs.mkShell {
  packages = [ pkgs.nodejs ];
}
