{
  pkgs ? import (/. + "/case/my pkgs") {
    config = (config:
      own: if builtins.isFunction config then args: (config args) // own else config // own) (
      { cudaSupport = true; }
    ) {
      allowUnfreePredicate = package:
        builtins.elem (package.pname or (builtins.parseDrvName package.name).name) [
          "vault"
          "7zz"
          "api"
        ];
      permittedInsecurePackages = [ "openssl-1.1.1w" ];
    };
    overlays = [
      (import /case/overlay.nix)
      (
        (final: prev: { a = import /case/a.nix; })
      )
    ];
  },
  imgc ? import /imgc/nix { inherit pkgs; },
  count ? 3,
  room ? 10485760,
  wait ? 30000000000,
}:
imgc.platforms [
  "linux/amd64"
  "linux/arm64"
  "linux/arm/v7"
] ({ pkgs, imgc }:
  imgc.image {
    name = "localhost:5000/a/b_c";
    tag = "v5-api";
    base = imgc.base.nix (with pkgs;
      import /case/base.nix
    );
    packages = [
      pkgs.xorg.libX11
      pkgs.python3Packages.flask
      pkgs.openssl.dev
      (with pkgs;
        python3.withPackages (p: [ p.flask ])
      )
    ];
    store = [
      (with pkgs;
        hello
      )
    ];
    provide = [
      "sh"
      "env"
      "certificates"
      "tmp"
      "users"
    ];
    files = {
      "/a" = {
        copy = (with pkgs;
          hello.src
        );
      };
      "/b" = {
        copy = pkgs.hello;
        mode = "1777";
        owner = "root:root";
      };
      "/c" = { text = "hello api \\${pkgs.x} \${y} $ ${pkgs.hello}\n  more\n"; };
      "/d" = {
        link = "../x";
        owner = "1000";
      };
      "/e" = { directory = true; };
      "/f" = {
        copy = /case/src;
        exclude = [
          "*.log"
          "/tmp"
        ];
        all = true;
        capabilities = [
          "net-raw"
          "net-bind-service"
        ];
      };
      "/g" = {
        extract = /case/g.tar.xz;
        strip = 1;
        owner = "api:staff";
      };
      "/h" = {
        extract = (with pkgs;
          hello.src
        );
      };
      "/i/j" = {
        remove = true;
        directory = true;
        mode = "0700";
      };
    };
    users = {
      api = {
        uid = 1000;
        gid = 1000;
        shell = "/bin/sh";
        groups = [ "staff" ];
      };
    };
    groups = {
      staff = {
        gid = 50;
        members = [
          "api"
          "api"
        ];
      };
      empty = { gid = 51; };
    };
    permissions = {
      "/app/**" = {
        mode = "0755";
        owner = "0:0";
      };
      "/nix/store/*" = { mode = "0555"; };
      "/b/{x,[!y-z]}" = { capabilities = [ "chown" ]; };
    };
    config = {
      cmd = [
        "a"
        "api"
      ];
      env = {
        A = "x";
        "B C" = "y";
        nix = "z";
        path = "/bin";
        PATH = "api";
        MANPATH = { append = "/share/man"; };
        prepend = { prepend = "api"; };
      };
      expose = [
        "8080/tcp"
        "53/udp"
        "8000/tcp"
        "8001/tcp"
        "8002/tcp"
        "8003/tcp"
        "8004/tcp"
        "8005/tcp"
        "8006/tcp"
        "8007/tcp"
        "8008/tcp"
        "8009/tcp"
        "8010/tcp"
        "9000/tcp"
      ];
      volumes = [ "/data" ];
      labels = {
        "org.x" = "y";
        "a.b" = "z";
      };
      stopSignal = "SIGTERM";
      healthcheck = {
        Test = [
          "CMD"
          "x"
        ];
        Interval = wait;
        StartPeriod = 60000000000;
        Retries = count;
      };
      shell = [
        "/bin/sh"
        "-c"
      ];
    };
    author = "x";
    created = "2026-01-01T00:00:00Z";
    nix = {
      user = "api";
      buildable = [ pkgs.hello ];
      nixpkgs = true;
      shell = [ pkgs.hello ];
      settings = {
        experimental-features = "nix-command";
        max-jobs = "1";
      };
    };
    layers = {
      max = 80;
      order = "size";
      steps = [
        {
          layer = "x";
          only = [ pkgs.glibc ];
        }
        {
          layer = "y";
          packages = [ pkgs.openssl ];
          steps = [
            { group = 5; }
            { each = "all"; }
          ];
          comment = "TLS";
        }
        { group = count; }
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
    reuse = "group";
    keepBlobs = true;
    output = "oci";
    manifest = "docker";
    compression = {
      algorithm = "gzip";
      level = 9;
    };
    expect = {
      size = [
        {
          operator = "<=";
          value = room;
        }
        {
          operator = ">";
          value = 1000;
        }
      ];
      layers = [
        {
          operator = "==";
          value = 5;
        }
      ];
      layerSize = [
        {
          operator = "<";
          value = 100000000;
        }
      ];
      absent = [ pkgs.gcc ];
      present = [ pkgs.glibc ];
      noSetuid = true;
      noWorldWritable = true;
      reproducible = true;
      licenses = [
        "MIT"
        "Apache-2.0 WITH LLVM-exception"
        "LicenseRef-Public-Domain"
      ];
      noLicenses = [ "AGPL-3.0-only" ];
      run = [
        {
          command = [
            "/bin/api"
            "--version"
          ];
          stdout = "x";
        }
        { command = [ "/bin/true" ]; }
      ];
    };
  })
