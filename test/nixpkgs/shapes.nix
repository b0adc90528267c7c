# Packages of the shapes that nixpkgs has: several outputs, wrappers, priorities, licences. `make` is what its mkDerivation
# is to them: each output is the package with `outputSpecified`, and `passthru` lies above all.
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
      # Of a derivation with `cc`, as stdenv is.
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

  # A program that says its name.
  program = pname: "mkdir -p $out/bin; printf '#!${bash}/bin/sh\\necho ${pname}\\n' > $out/bin/${pname}; chmod 755 $out/bin/${pname}";

  # What its first output has is for compilers.
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

  # Says nothing of what is to be installed.
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

  # Needs one output of it.
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
  # A wrapper names neither as an input.
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
      # A linker's wrapper is beside a compiler's, not in it.
      bintools = linker;
    };
    meta.priority = 10;
  };
  # Was compiled, and runs with its compiler's library.
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

  # Can be called, as what can be overridden.
  functor = make { pname = "functor"; script = program "functor"; } // {
    __functor = _: _: throw "called";
  };

  # `meta` is wrong in all its parts.
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
  # Nothing can be asked of it.
  silent = make { pname = "silent"; script = program "silent"; } // {
    meta = throw "no meta";
  };
}
