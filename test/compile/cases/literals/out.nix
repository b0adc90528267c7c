{
  pkgs ? import <nixpkgs> { },
  imgc ? import /imgc/nix { inherit pkgs; },
}:
let
  images = {
    b_c = imgc.image {
      name = "example.org:5000/a/b_c";
      packages = [
        pkgs.xorg.libX11
        pkgs.openssl.dev
        (with pkgs;
          python3.withPackages (p: [ p.flask ])
        )
      ];
      files = {
        "/name" = {
          text = "quoted \"and\" \\ \n \t $ \${hello} ${pkgs.hello}";
          mode = "0644";
          owner = "0";
        };
        "/several" = {
          text = "indented quoted \"and\" \\ \n \t $ \${hello} ${pkgs.hello} \${kept} '' \n$\n  more\nend\n";
          mode = "1777";
          owner = "1000:1000";
        };
      };
      config = {
        env = {
          PATH = "/bin";
          "with space" = "x";
          path = "a";
          nix = "b";
        };
        expose = [
          "8080/tcp"
          "53/udp"
          "8000/tcp"
          "8001/tcp"
          "8002/tcp"
        ];
        healthcheck = {
          Test = [
            "CMD"
            "true"
          ];
          Interval = 500000000;
          Timeout = 30000000000;
          StartPeriod = 3600000000000;
          Retries = 3;
        };
      };
      expect = {
        size = [
          {
            operator = "<=";
            value = 1073741824;
          }
          {
            operator = ">";
            value = 5000;
          }
        ];
        layers = [
          {
            operator = "==";
            value = 3;
          }
        ];
        layerSize = [
          {
            operator = "<";
            value = 1000000000000;
          }
        ];
      };
    };
    forms = imgc.image {
      name = "example.org:5000/forms";
      compression = [
        {
          algorithm = "gzip";
          level = 6;
        }
        {
          algorithm = "zstd";
          chunked = true;
        }
      ];
    };
  };
in
images
