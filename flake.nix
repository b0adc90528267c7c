{
  description = "Container images with Nix, from a small typed description";

  inputs.nixpkgs.url = "nixpkgs";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "aarch64-darwin"
      ];
      each =
        make:
        builtins.listToAttrs (
          map (system: {
            name = system;
            value = make (import nixpkgs { inherit system; });
          }) systems
        );
      package = pkgs: import ./nix/package.nix { inherit pkgs; };
    in
    {
      packages = each (pkgs: rec {
        imgc = package pkgs;
        default = imgc;
      });
      apps = each (pkgs: rec {
        imgc = {
          type = "app";
          program = "${package pkgs}/bin/imgc";
          meta = { inherit ((package pkgs).meta) description; };
        };
        default = imgc;
      });
      # The functions of nix/README.md.
      lib = each (pkgs: (package pkgs).lib);
      overlays.default = final: _: { imgc = package final; };
      flakeModules.default = import ./nix/flake-module.nix { inherit package; };
      templates.default = {
        path = ./templates/default;
        description = "An image of one program, as a package, and imgc to push it";
      };
      formatter = each (pkgs: (package pkgs).formatter);
      devShells = each (pkgs: {
        default = import ./shell.nix { inherit pkgs; };
      });
    };
}
