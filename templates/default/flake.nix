{
  description = "An image, described in hello.imgspec";

  inputs.nixpkgs.url = "nixpkgs";
  inputs.imgc.url = "https://github.com/OWNER/imgc/releases/download/v0.1.0/imgc-0.1.0.tgz";
  inputs.imgc.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { imgc, ... }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      each =
        make:
        builtins.listToAttrs (
          map (system: {
            name = system;
            value = make system;
          }) systems
        );
    in
    {
      # `nix build`, then `nix run .#imgc -- push result REFERENCE`
      packages = each (system: imgc.lib.${system}.buildSpec ./hello.imgspec // { inherit (imgc.packages.${system}) imgc; });
      formatter = imgc.formatter;
    };
}
