# buildGoModule and rustPlatform.buildRustPackage over Debian's toolchains, for programs without dependencies, and
# importNpmLock.buildNodeModules for dependencies in folders of the project. They take the arguments that `imgc init` writes,
# with their meaning in nixpkgs.
{
  packages,
  fetch,
  debs,
  system,
}:
let
  inherit (packages)
    bash
    binutils-x86-64-linux-gnu
    cargo
    coreutils
    glibc
    glibc-dev
    gnused
    libgcc
    rustc
    ;

  # unpack.ts would patch Go's programs, which breaks them: the C library's loader runs the only one that is linked dynamically.
  # Left out is most of the size: sources and libraries of the compiler, the race detector, and tests.
  go = derivation {
    name = "go-1.19";
    inherit system;
    builder = "/bin/sh";
    args = [
      "-euc"
      ''
        PATH=/usr/bin:/bin
        mkdir $out $out/bin
        for deb in ${fetch debs."golang-1.19-go"} ${fetch debs."golang-1.19-src"}; do
          dpkg-deb --fsys-tarfile $deb | tar --extract --directory $out --strip-components 2 \
            --exclude linux_amd64/cmd --exclude src/cmd --exclude src/debug --exclude testdata --exclude race_\* \
            --exclude go-1.19/test --exclude usr/share/doc --exclude usr/share/lintian
        done
        printf '#!%s\nGOROOT=%s exec %s --library-path %s %s "$@"\n' ${bash}/bin/bash $out/lib/go-1.19 \
          ${glibc}/lib/ld-linux-x86-64.so.2 ${glibc}/lib $out/lib/go-1.19/bin/go > $out/bin/go
        chmod 755 $out/bin/go
      ''
    ];
    __noChroot = true;
  };

  # Builds in a copy of the sources, in the sandbox, which has no network.
  program =
    { pname, version, src, ... }: path: script:
    derivation {
      inherit pname version src system;
      name = "${pname}-${version}";
      builder = "${bash}/bin/bash";
      PATH = builtins.concatStringsSep ":" (map (package: "${package}/bin") ([ coreutils ] ++ path));
      args = [
        "-euc"
        ''
          cp --recursive --no-preserve=mode $src source
          cd source
          export HOME=$NIX_BUILD_TOP
          mkdir -p $out/bin
          ${script}
          exit
        ''
      ];
    };
in
{
  inherit go;
  buildGoModule =
    { vendorHash, ... }@arguments:
    if vendorHash != null then
      throw "the tests' package set builds only Go modules without dependencies"
    else
      program arguments [ go gnused ] ''
        export CGO_ENABLED=0 GOPROXY=off
        go build -o $out/bin/ ./...
        # As in nixpkgs, the program does not refer to the compiler.
        sed -i "s|${go}|/nix/store/$(printf 'e%.0s' {1..32})-go-1.19|g" $out/bin/*
      '';

  importNpmLock.buildNodeModules =
    { npmRoot, nodejs }:
    let
      lock = builtins.fromJSON (builtins.readFile (npmRoot + "/package-lock.json"));
      links = builtins.filter (name: lock.packages.${name}.link or false) (builtins.attrNames lock.packages);
      copy = name: ''
        mkdir -p $out/${dirOf name}
        cp --recursive ${npmRoot + "/${lock.packages.${name}.resolved}"} $out/${name}
      '';
    in
    derivation {
      inherit system;
      name = "node-modules";
      builder = "${bash}/bin/bash";
      PATH = "${coreutils}/bin:${nodejs}/bin";
      args = [
        "-euc"
        "${toString (map copy links)}\nexit"
      ];
    };

  rustPlatform.buildRustPackage =
    { cargoLock, ... }@arguments:
    program arguments
      [
        cargo
        rustc
      ]
      ''
        [ "$(cat ${cargoLock.lockFile})" = "$(cat Cargo.lock)" ]
        # Without a C compiler, rustc calls the linker, which gets the C library's start files from here.
        mkdir ../libraries
        ln -s ${libgcc}/lib/libgcc_s.so.1 ../libraries/libgcc_s.so
        dev=${glibc-dev}/lib glibc=${glibc}/lib
        export RUSTFLAGS="-C linker=${binutils-x86-64-linux-gnu}/bin/x86_64-linux-gnu-ld -C linker-flavor=ld \
          -C link-args=$dev/Scrt1.o -C link-args=$dev/crti.o -C link-args=$dev/crtn.o \
          -L native=$dev -L native=$glibc -L native=$NIX_BUILD_TOP/libraries -C link-args=-rpath=$glibc:${libgcc}/lib \
          -C link-args=--dynamic-linker=$glibc/ld-linux-x86-64.so.2"
        cargo build --release --frozen
        for file in target/release/*; do
          if [ -f $file ] && [ -x $file ]; then cp $file $out/bin/; fi
        done
      '';
}
