# Packages of the kinds in nixpkgs: several outputs, wrappers, priorities, licences. As in nixpkgs' mkDerivation, each output of
# `make` is the package with `outputSpecified`, and `passthru` overrides other attributes.
{
  system,
  bash,
  coreutils,
}:
rec {
  make =
    {
      pname,
      version ? "1.0",
      outputs ? [ "out" ],
      buildInputs ? [ ],
      # A derivation with `cc`, like stdenv.
      stdenv ? null,
      meta ? { },
      passthru ? { },
      # In bash; `$out`, `$dev`, … are the outputs.
      script ? ''echo ${pname} > $out'',
    }:
    let
      bare = derivation {
        inherit
          pname
          version
          system
          outputs
          buildInputs
          stdenv
          script
          ;
        name = "${pname}-${version}";
        builder = "${bash}/bin/bash";
        args = [
          "-euc"
          "PATH=${coreutils}/bin; eval \"$script\""
        ];
      };
      common = bare // selected // passthru // { inherit meta; };
      selected = builtins.listToAttrs (
        map (output: {
          name = output;
          value = common // {
            inherit (bare.${output}) outPath outputName;
            outputSpecified = true;
          };
        }) outputs
      );
    in
    common;

  # The script of a program that prints its name.
  program = pname: "mkdir -p $out/bin; printf '#!${bash}/bin/sh\\necho ${pname}\\n' > $out/bin/${pname}; chmod 755 $out/bin/${pname}";

  # The first output is for compilers.
  lz4 = make {
    pname = "lz4";
    version = "1.10.0";
    outputs = [
      "dev"
      "lib"
      "man"
      "out"
    ];
    script = ''
      mkdir -p $dev/include $lib/lib $man/share/man
      echo > $dev/include/lz4.h
      echo > $lib/lib/liblz4.so
      echo $lib > $man/share/man/lz4.1
      ${program "lz4"}
    '';
    meta = {
      outputsToInstall = [
        "out"
        "man"
      ];
      license = [
        { spdxId = "BSD-2-Clause"; }
        { spdxId = "GPL-2.0-or-later"; }
      ];
    };
  };

  # Has no outputsToInstall.
  ssl = make {
    pname = "ssl";
    version = "3.0";
    outputs = [
      "dev"
      "bin"
      "out"
    ];
    script = ''
      mkdir -p $dev/include $bin/bin $out/lib
      echo > $dev/include/ssl.h
      echo > $out/lib/libssl.so
      echo $out > $bin/bin/ssl
    '';
    meta = {
      license.spdxId = "Apache-2.0";
      identifiers = {
        cpe = "cpe:2.3:a:openssl:openssl:3.0:*:*:*:*:*:*:*";
        purl = "pkg:github/openssl/openssl@openssl-3.0";
      };
    };
  };

  # Refers to a single output of `ssl`.
  server = make {
    pname = "server";
    buildInputs = [ ssl.dev ];
    script = ''
      ${program "server"}
      echo "# ${ssl.out}" >> $out/bin/server
    '';
  };

  compiler = make {
    pname = "gcc";
    version = "14.3.0";
    outputs = [
      "out"
      "lib"
    ];
    script = ''
      ${program "gcc"}
      mkdir -p $lib/lib
      echo > $lib/lib/libstdc++.so
    '';
    meta.license.spdxId = "GPL-3.0-or-later WITH GCC-exception-3.1";
  };
  libc = make {
    pname = "libc";
    version = "2.40";
    meta.license.spdxId = "LGPL-2.1-or-later";
  };
  linker = make { pname = "binutils-wrapper"; };
  # A wrapper, which names neither the compiler nor the libc as an input.
  gcc = make {
    pname = "gcc-wrapper";
    version = "14.3.0";
    script = ''
      ${program "gcc"}
      echo "# ${compiler} ${libc}" >> $out/bin/gcc
    '';
    passthru = {
      cc = compiler;
      inherit libc;
      # The linker's wrapper, which the compiler's wrapper does not contain.
      bintools = linker;
    };
    meta.priority = 10;
  };
  # A compiled program, which needs the compiler's library at run time.
  compiled = make {
    pname = "compiled";
    stdenv = make { pname = "stdenv"; passthru.cc = gcc; };
    script = ''
      ${program "compiled"}
      echo "# ${compiler.lib} ${libc}" >> $out/bin/compiled
    '';
    meta.license = {
      licenseType = "compound";
      operator = "OR";
      licenses = [
        { spdxId = "MIT"; }
        {
          shortName = "odd one";
          free = false;
        }
      ];
    };
  };

  editor-unwrapped = make {
    pname = "editor-unwrapped";
    script = program "editor";
  };
  editor = make {
    pname = "editor";
    script = ''
      ${program "editor"}
      echo "# ${editor-unwrapped}" >> $out/bin/editor
    '';
    passthru.unwrapped = editor-unwrapped;
  };

  # Can be called, like packages that can be overridden.
  functor = make { pname = "functor"; script = program "functor"; } // {
    __functor = _: _: throw "called";
  };

  # All attributes of `meta` are wrong.
  careless = make {
    pname = "careless";
    outputs = [
      "dev"
      "out"
    ];
    script = ''
      mkdir $dev
      ${program "careless"}
    '';
    meta = {
      outputsToInstall = [ "bin" ];
      priority = "high";
      license = throw "no licence";
      description = throw "no description";
      homepage = [ (throw "no homepage") ];
      identifiers = throw "no identifiers";
    };
  };
  # `meta` throws.
  silent = make { pname = "silent"; script = program "silent"; } // {
    meta = throw "no meta";
  };
}
