{
  pkgs ? import <nixpkgs> { },
  imgc ? import /imgc/nix { inherit pkgs; },
}:
let
  images = {
    base = imgc.image {
      name = "base";
      layers = {
        steps = [
          {
            layer = "libs";
            packages = [
              pkgs.glibc
              pkgs.openssl
            ];
          }
          { each = "all"; }
        ];
      };
    };
    app = imgc.image {
      name = "app";
      base = images.base;
      layers = {
        max = 40;
        order = "size";
        steps = [
          {
            layer = "runtime";
            packages = [ pkgs.python3 ];
          }
          {
            layer = "alone";
            only = [ pkgs.zlib ];
          }
          {
            layer = "split";
            packages = [ pkgs.perl ];
            steps = [
              { group = 5; }
              { each = "all"; }
            ];
          }
          { group = 10; }
          { each = 20; }
          { rest = true; }
        ];
        volatile = [ pkgs.hello ];
        weights = [
          {
            package = pkgs.openssl;
            weight = 50;
          }
          {
            package = pkgs.python3Packages.gunicorn;
            weight = -100;
          }
          {
            package = (with pkgs;
              hello
            );
            weight = 3;
          }
        ];
      };
    };
    default = imgc.image { name = "default"; };
  };
in
images
