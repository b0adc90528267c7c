# The package set of the tests: real programs from Debian packages, relocated into the store, with the names of nixpkgs.
# fetch.ts downloads the packages; README.md lists the attributes of nixpkgs that the project uses.
{
  system ? builtins.currentSystem,
  config ? { },
  overlays ? [ ],
}:
let
  # This machine's system. Pure evaluation does not know it, and uses the requested system.
  hostSystem = builtins.currentSystem or system;
  index = builtins.fromJSON (builtins.readFile ./debs.json);
  architecture =
    {
      x86_64-linux = "amd64";
      aarch64-linux = "arm64";
      # Suffices to evaluate a flake's outputs for macOS.
      aarch64-darwin = "arm64";
    }
    .${system};
  inherit (index.architectures.${architecture}) debs;
  # The tests run no Node.js of another architecture.
  node = index.architectures.${architecture}.node or index.architectures.amd64.node;

  # The packages for this machine, which run the builders.
  host = index.architectures.${
    {
      x86_64-linux = "amd64";
      aarch64-linux = "arm64";
      aarch64-darwin = "arm64";
    }
    .${hostSystem}
  };

  fetch =
    file:
    import <nix/fetchurl.nix> {
      inherit (file) url sha256;
      name = builtins.replaceStrings [ "%" "~" ] [ "-" "-" ] (baseNameOf file.url);
    };

  # Node.js from npm, which needs libraries of this machine, outside the sandbox.
  hostNode = derivation {
    name = "node";
    system = hostSystem;
    builder = "/bin/sh";
    args = [
      "-c"
      "/bin/cp ${fetch (host.node or node)} $out; /bin/chmod 755 $out"
    ];
    __noChroot = true;
  };

  # The upstream version: 5.2.15-2+b13 -> 5.2.15, 1:2.39.5-0+deb12u2 -> 2.39.5
  versionOf = deb: builtins.elemAt (builtins.match "([0-9]+:)?([0-9.]*[0-9]).*" debs.${deb}.version) 1;

  # Dependencies for installing Debian packages, not for running their programs.
  ignored = [
    "base-files"
    "debconf"
    "debianutils"
    "dpkg"
    "gcc-12-base"
    "iproute2"
    "libc-dev-bin"
    "libcap2-bin"
    "libjs-jquery"
    "lsb-base"
    "mawk"
    "media-types"
    "readline-common"
    "sysvinit-utils"
  ];

  # Packages that are made of several archives; every other archive is a package under its own name. Archives that an
  # architecture lacks are left out.
  named = builtins.mapAttrs (
    _: recipe: recipe // { debs = builtins.filter (deb: debs ? ${deb}) recipe.debs; }
  ) (import ./packages.nix);
  licenses = import ./licenses.nix;
  owner = builtins.listToAttrs (
    builtins.concatMap (
      attribute:
      map (deb: {
        name = deb;
        value = attribute;
      }) named.${attribute}.debs
    ) (builtins.attrNames named)
  );
  others = builtins.listToAttrs (
    map (deb: {
      name = deb;
      value.debs = [ deb ];
    }) (builtins.filter (deb: !(owner ? ${deb} || builtins.elem deb ignored)) (builtins.attrNames debs))
  );
  recipes = others // named;

  unique =
    names:
    builtins.attrNames (
      builtins.listToAttrs (
        map (name: {
          inherit name;
          value = null;
        }) names
      )
    );

  # The attributes of the packages on which a package's archives depend.
  dependenciesOf =
    attribute: recipe:
    builtins.filter (name: name != attribute && !(builtins.elem name (recipe.without or [ ]))) (
      unique (
        map (deb: owner.${deb} or deb) (
          builtins.filter (deb: debs ? ${deb} && !(builtins.elem deb ignored)) (
            builtins.concatMap (deb: debs.${deb}.depends) recipe.debs
          )
        )
        ++ recipe.needs or [ "bash" ]
      )
    );

  isPython = attribute: builtins.match "python3-.*" attribute != null;
  # Python packages with all Python packages that they import.
  pythonClosure =
    attributes:
    map (item: item.key) (
      builtins.genericClosure {
        startSet = map (key: { inherit key; }) attributes;
        operator =
          { key }: map (key: { inherit key; }) (builtins.filter isPython (dependenciesOf key recipes.${key}));
      }
    );

  build =
    attribute: recipe:
    derivation rec {
      pname = recipe.pname or (if isPython attribute then builtins.substring 8 (-1) attribute else attribute);
      version = versionOf (builtins.head recipe.debs);
      name = "${pname}-${version}";
      system = hostSystem;
      builder = "${hostNode}";
      args = [
        "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"
        ./unpack.ts
      ];
      __structuredAttrs = true;
      __noChroot = true;
      debs = map (deb: "${fetch index.architectures.${architecture}.debs.${deb}}") recipe.debs;
      dependencies = map (dependency: "${packages.${dependency}}") (dependenciesOf attribute recipe);
      program = "";
      remove = recipe.remove or [ ];
      links = recipe.links or { };
      wrap = recipe.wrap or { };
      sites =
        if isPython attribute then
          map (name: "${packages.${name}}") (builtins.filter (name: name != attribute) (pythonClosure [ attribute ]))
        else
          [ ];
    }
    // {
      buildInputs = map (dependency: packages.${dependency}) (dependenciesOf attribute recipe);
      meta = {
        description = debs.${builtins.head recipe.debs}.synopsis;
      }
      // (if licenses ? ${attribute} then { license = licenses.${attribute}; } else { });
    };

  packages = builtins.mapAttrs build (
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = recipes.${name};
      }) (builtins.filter (name: recipes.${name}.debs != [ ]) (builtins.attrNames recipes))
    )
  );

  pythonPackages = builtins.listToAttrs (
    map (attribute: {
      name = builtins.substring 8 (-1) attribute;
      value = packages.${attribute};
    }) (builtins.filter isPython (builtins.attrNames packages))
  );
  attributeOf = package: "python3-${package.pname}";

  nodejs = derivation {
    pname = "nodejs";
    inherit (node) version;
    name = "nodejs-${node.version}";
    system = hostSystem;
    builder = "${hostNode}";
    args = [
      "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"
      ./unpack.ts
    ];
    __structuredAttrs = true;
    __noChroot = true;
    debs = [ ];
    program = "${fetch node}";
    dependencies = map (dependency: "${packages.${dependency}}") (
      builtins.filter (dependency: packages ? ${dependency}) [
        "glibc"
        "gcc-lib"
        "libgcc"
      ]
    );
    remove = [ ];
    links = { };
    wrap = { };
    sites = [ ];
  };

  # A derivation that runs a script with bash and coreutils, in the sandbox.
  run =
    name: attributes: script:
    derivation {
      inherit name script;
      system = hostSystem;
      builder = "${packages.bash}/bin/bash";
      args = [
        "-c"
        ". $NIX_BUILD_TOP/.attrs.sh; out=\${outputs[out]}; PATH=${packages.coreutils}/bin; set -eu; eval \"$script\""
      ];
      __structuredAttrs = true;
    }
    // attributes;

  # As in nixpkgs, text attributes are variables.
  runCommand =
    name:
    {
      nativeBuildInputs ? [ ],
      ...
    }@variables:
    script:
    derivation (
      builtins.removeAttrs variables [ "nativeBuildInputs" ]
      // {
        inherit name;
        system = hostSystem;
        builder = "${packages.bash}/bin/bash";
        PATH = builtins.concatStringsSep ":" (
          map (package: "${package}/bin") ([ packages.coreutils ] ++ nativeBuildInputs)
        );
        # Without `exit`, bash replaces itself with the last program. Many programs close their output before they end, at which
        # Nix kills the build.
        args = [
          "-euc"
          "${script}\nexit"
        ];
      }
    );

  writeText =
    name: text:
    derivation {
      inherit name text;
      system = hostSystem;
      builder = "${packages.bash}/bin/bash";
      args = [
        "-c"
        ". $NIX_BUILD_TOP/.attrs.sh; printf %s \"$text\" > \"\${outputs[out]}\""
      ];
      __structuredAttrs = true;
    };
  writeTextFile =
    { name, text, executable ? false, destination ? "" }:
    derivation {
      inherit name text;
      system = hostSystem;
      builder = "${packages.bash}/bin/bash";
      PATH = "${packages.coreutils}/bin";
      args = [
        "-euc"
        ''
          file=$out${destination}
          mkdir -p "''${file%/*}"
          printf %s "$text" > "$file"
          ${if executable then "chmod 755 $file" else ""}
          exit
        ''
      ];
    };
  set =
    packages
    // {
      inherit nodejs overlays;
      config = settings;
      path = ./.;
      stdenv.hostPlatform = { inherit system; };

      bashInteractive = build "bash" (recipes.bash // { pname = "bash-interactive"; });
      openssl = packages.openssl // {
        outputs = [
          "out"
          "dev"
        ];
        dev = packages.openssl-dev;
      };
      glibc = packages.glibc // {
        outputs = [
          "out"
          "dev"
        ];
        dev = packages.glibc-dev;
      };

      python3Packages = pythonPackages;
      python3 = packages.python3 // {
        pkgs = pythonPackages;
        withPackages =
          choose:
          derivation {
            pname = "python3-env";
            inherit (packages.python3) version;
            name = "python3-${packages.python3.version}-env";
            system = hostSystem;
            builder = "${nodejs}/bin/node";
            args = [
              "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"
              ./python-env.ts
            ];
            __structuredAttrs = true;
            python = "${packages.python3}";
            modules = map (name: "${packages.${name}}") (pythonClosure (map attributeOf (choose pythonPackages)));
            scripts = map toString (choose pythonPackages);
          }
          // {
            paths = [ packages.python3 ] ++ choose pythonPackages;
          };
      };

      cacert = run "cacert-${packages.ca-certificates.version}" { pname = "cacert"; } ''
        mkdir -p $out/etc/ssl/certs
        cat ${packages.ca-certificates}/share/ca-certificates/mozilla/*.crt > $out/etc/ssl/certs/ca-bundle.crt
      '';

      # Debian's compiler uses the C library at its path in Debian, for itself and in compiled programs, so it needs a wrapper.
      tinycc =
        run "tinycc-${packages.tcc.version}"
          {
            pname = "tinycc";
            inherit (packages.tcc) version;
            meta.description = "Small and fast C compiler";
          }
          ''
            mkdir -p $out/bin
            {
              echo "#!${packages.bash}/bin/bash"
              echo "flags='-B${packages.tcc}/lib/tcc -I${packages.glibc-dev}/include'"
              echo "dev=${packages.glibc-dev}/lib glibc=${packages.glibc}/lib tcc=${packages.tcc}"
              echo "patchelf=${packages.patchelf}/bin/patchelf"
              cat ${./tcc.sh}
            } > $out/bin/tcc
            chmod 755 $out/bin/tcc
          '';

      shapes = import ./shapes.nix {
        system = hostSystem;
        inherit (packages) bash coreutils;
      };

      odd = import ./odd.nix {
        inherit (packages) hello;
        inherit writeText;
      };

      inherit runCommand writeText writeTextFile;

      # As in nixpkgs, but without the shell's set-up.
      mkShell =
        { packages }:
        runCommand "nix-shell" { nativeBuildInputs = packages; } "echo > $out";
    }
    // import ./languages.nix {
      inherit packages fetch debs;
      system = hostSystem;
    }
    // import ./refused.nix { config = settings; inherit run; };

  settings = if builtins.isFunction config then config { pkgs = final; } else config;

  # As in nixpkgs, an overlay gets the final set and the previous set. The packages of this set ignore overlays.
  final = builtins.foldl' (before: overlay: before // overlay final before) set overlays;
in
final
