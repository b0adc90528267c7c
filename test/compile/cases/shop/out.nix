{
  pkgs ? import <nixpkgs> { },
  imgc ? import /imgc/nix { inherit pkgs; },
  release ? "dev",
}:
let
  images = {
    base = imgc.image {
      name = "shop/base";
      packages = [
        pkgs.bashInteractive
        pkgs.coreutils
        pkgs.cacert
      ];
      nix = { user = "root"; };
    };
    api = imgc.image {
      name = "registry.example.org/shop/api";
      tag = "v${toString release}";
      base = images.base;
      packages = [
        pkgs.python3
        pkgs.python3Packages.gunicorn
      ];
      files = {
        "/app" = {
          copy = /case/src;
          within = /case;
        };
        "/etc/motd" = {
          text = "Welcome to ${pkgs.python3}\n";
          mode = "0644";
        };
        "/bin/api" = { link = "${pkgs.python3Packages.gunicorn}/bin/gunicorn"; };
        "/var/lib/api" = {
          directory = true;
          mode = "0750";
          owner = "1000:1000";
        };
      };
      users = {
        api = {
          uid = 1000;
          gid = 1000;
          home = "/var/lib/api";
        };
      };
      config = {
        entrypoint = [
          "/bin/api"
          "app:api"
        ];
        env = {
          PYTHONPATH = "/app";
          LANG = "C.UTF-8";
        };
        user = "api";
        workdir = "/app";
        expose = [ "8080/tcp" ];
        healthcheck = {
          Test = [
            "CMD"
            "/bin/api"
            "--check"
          ];
          Interval = 30000000000;
          Timeout = 3000000000;
          Retries = 3;
        };
      };
      layers = {
        max = 80;
        steps = [
          {
            layer = "runtime";
            packages = [
              pkgs.glibc
              pkgs.openssl
              pkgs.zlib
            ];
          }
          { group = 10; }
          { each = 20; }
          { auto = true; }
        ];
        weights = [
          {
            package = pkgs.openssl;
            weight = 50;
          }
          {
            package = pkgs.gunicorn;
            weight = -100;
          }
        ];
      };
      expect = {
        size = [
          {
            operator = "<=";
            value = 262144000;
          }
        ];
        layers = [
          {
            operator = "<=";
            value = 80;
          }
        ];
        absent = [
          pkgs.gcc
          pkgs.perl
        ];
      };
    };
  };
in
images
