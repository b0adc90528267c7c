{
  pkgs ? import <nixpkgs> { },
}:
derivation {
  name = "greet";
  inherit (pkgs.stdenv.hostPlatform) system;
  src = ./greet.c;
  builder = "${pkgs.bash}/bin/bash";
  PATH = "${pkgs.coreutils}/bin:${pkgs.tinycc}/bin";
  args = [
    "-ec"
    "mkdir -p $out/bin; tcc -o $out/bin/greet $src; echo built greet"
  ];
}
