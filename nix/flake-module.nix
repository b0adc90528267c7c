# A module of flake-parts: the images of a project's specs as packages, with apps and checks.
#
#   perSystem = { ... }: { imgc.specs = [ ./shop.imgspec ]; };
#
# Each image NAME is the package NAME, with the apps NAME-push, NAME-load and NAME-verify. Each file has the checks
# check-FILE and fmt-FILE, such as check-shop.imgspec.
{ package }:
{ lib, flake-parts-lib, ... }:
{
  options.perSystem = flake-parts-lib.mkPerSystemOption (
    { config, pkgs, ... }:
    let
      imgc = package pkgs;
      inherit (config.imgc) specs;
      images = builtins.foldl' (all: spec: all // removeAttrs (imgc.lib.buildSpec spec) [ "default" ]) { } specs;

      app = command: name: image: {
        name = "${name}-${command}";
        value = {
          type = "app";
          meta.description = "imgc ${command} of the image ${name}";
          program = "${
            pkgs.runCommand "${name}-${command}" { } ''
              {
                echo '#!${pkgs.runtimeShell or "${pkgs.bash}/bin/bash"}'
                echo 'exec ${imgc}/bin/imgc ${command} ${image} "$@"'
              } > $out
              chmod 755 $out
            ''
          }";
        };
      };
      check = command: spec: {
        name = "${builtins.head (builtins.split " " command)}-${baseNameOf (toString spec)}";
        value = pkgs.runCommand "imgc-check" { } ''
          ${imgc}/bin/imgc ${command} ${dirOf spec}/${baseNameOf (toString spec)}
          mkdir $out
        '';
      };
      all = function: builtins.attrValues (builtins.mapAttrs function images);
    in
    {
      options.imgc.specs = lib.mkOption {
        type = lib.types.listOf lib.types.path;
        default = [ ];
        description = "Image descriptions. Each of their images becomes a package.";
      };
      config = lib.mkIf (specs != [ ]) {
        packages = images;
        apps = builtins.listToAttrs (all (app "push") ++ all (app "load") ++ all (app "verify"));
        checks = builtins.listToAttrs (map (check "check") specs ++ map (check "fmt --check") specs);
      };
    }
  );
}
