# A package set for imgc import. The store path of a package is replaced by its attribute path, and the store path of an image
# or file by the arguments of the function that makes it. Both replacements are text (marker.nix), so that they are found
# again after string interpolation.
pkgs:
let
  marker = import ./marker.nix;
  inherit (builtins)
    concatStringsSep
    functionArgs
    intersectAttrs
    isAttrs
    isFunction
    isPath
    mapAttrs
    ;

  # Converts a value to data, with paths as text and packages as markers.
  describe =
    value:
    if isPath value then
      marker {
        kind = "path";
        path = toString value;
      }
    else if isAttrs value && value ? outPath then
      "${value.outPath}"
    else if isAttrs value then
      mapAttrs (_: describe) value
    else if builtins.isList value then
      map describe value
    else if isFunction value then
      marker { kind = "function"; }
    else
      value;

  recorded =
    name: data:
    {
      type = "derivation";
      inherit name;
      outPath = marker data;
      # Also a marker: there is no derivation, since nothing is built.
      drvPath = marker data;
      outputName = "out";
      meta = { };
    };
  # A call of a function that makes a store path. The description can repeat the call.
  call =
    function: arguments: name:
    recorded name {
      kind = "call";
      inherit function name;
      arguments = map describe arguments;
    };
  # A function with one argument. The recorded name is the `name` or `pname` in the argument, or else "result".
  builder =
    function: arguments:
    let
      # `meta` and `passthru` are large, and do not change the result.
      own = if isAttrs arguments then builtins.removeAttrs arguments [ "meta" "passthru" ] else arguments;
    in
    call function [ own ] (if isAttrs arguments then nameOf arguments else "result");
  builders = path: names: builtins.listToAttrs (
    map (name: {
      inherit name;
      value = builder "${path}${name}";
    }) names
  );
  command = function: name: env: script: call function [ name env script ] name;
  nameOf = set: set.name or "${set.pname or "result"}";

  tag =
    path: value:
    if !isAttrs value then
      value
    else if value.type or "" == "derivation" then
      let
        own = {
          kind = "package";
          attribute = concatStringsSep "." path;
        };
        outputs = value.outputs or [ "out" ];
        of = output: {
          ${output} =
            value.${output} or value
            // (
              if output == builtins.head outputs then
                { outPath = marker own; }
              else
                { outPath = marker (own // { attribute = "${own.attribute}.${output}"; }); }
            );
        };
      in
      value
      // builtins.foldl' (all: output: all // of output) { } outputs
      // {
        outPath = marker own;
        drvPath = marker own;
      }
      // (if value ? withPackages then { withPackages = environment path value; } else { })
      // (if value ? pkgs && isAttrs value.pkgs then { pkgs = tagSet (path ++ [ "pkgs" ]) value.pkgs; } else { })
    else
      tagSet path value;
  tagSet = path: mapAttrs (name: tag (path ++ [ name ]));

  # `withPackages` of an interpreter. `choose` gets the interpreter's libraries as markers `p.NAME`.
  environment =
    path: value: choose:
    let
      chosen = choose (tagSet [ "p" ] value.pkgs);
    in
    recorded "${nameOf value}-env" {
      kind = "expression";
      code = "${concatStringsSep "." path}.withPackages (p: [ ${toString (map (each: each.outPath) chosen)} ])";
    };

  # A function that makes images from other images. Its argument is a list of images, or a set with an image.
  ofImages =
    function: arguments:
    recorded function {
      kind = "image";
      inherit function;
      arguments = describe arguments;
    }
    // {
      isRecordedImage = true;
    };
  image =
    function: arguments:
    recorded (arguments.name or arguments.imageName or "image") {
      kind = "image";
      inherit function;
      arguments = describe arguments;
    }
    // {
      imageName = arguments.name or "image";
      imageTag = arguments.tag or "latest";
      isRecordedImage = true;
    };
  images =
    names:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = image name;
      }) names
    );
  provided =
    what:
    recorded what {
      kind = "provide";
      inherit what;
    };

  text =
    { destination ? "", executable ? false, ... }@file:
    recorded file.name {
      kind = "text";
      inherit (file) name;
      inherit destination executable;
      text = describe file.text;
    };
  script =
    name: destination: body:
    text {
      inherit name destination;
      executable = true;
      text = "#!${tagged.runtimeShell}\n${body}";
    };

  joined =
    function:
    { paths, ... }@arguments:
    let
      name = arguments.name or "env";
    in
    recorded name {
      kind = "packages";
      inherit name function;
      paths = describe paths;
      arguments = [ (describe arguments) ];
    };

  functions = builders "" [
    "buildGoModule"
    "buildNpmPackage"
    "fetchFromGitHub"
    "fetchFromGitLab"
    "fetchgit"
    "fetchurl"
    "fetchzip"
    "mkShell"
    "mkShellNoCC"
  ] // {
    dockerTools =
      images [
        "buildImage"
        "buildLayeredImage"
        "streamLayeredImage"
        "buildImageWithNixDb"
        "buildLayeredImageWithNixDb"
        "buildNixShellImage"
        "streamNixShellImage"
        "pullImage"
      ]
      // {
        mergeImages = ofImages "mergeImages";
        exportImage = ofImages "exportImage";
        fakeNss = provided "users";
        caCertificates = provided "certificates";
        binSh = provided "sh";
        usrBinEnv = provided "env";
        shadowSetup = "";
      };
    nix2container = images [
      "buildImage"
      "pullImage"
      "pullImageFromManifest"
    ] // {
      buildLayer =
        arguments:
        recorded "layer" {
          kind = "layer";
          arguments = describe arguments;
        };
    };
    fakeNss = provided "users";

    writeText = name: body: text { inherit name; text = body; };
    writeTextFile = text;
    writeTextDir = path: body: text { name = baseNameOf path; destination = "/${path}"; text = body; };
    writeScript = name: body: text { inherit name; executable = true; text = body; };
    writeScriptBin = name: body: text { inherit name; destination = "/bin/${name}"; executable = true; text = body; };
    writeShellScript = name: script name "";
    writeShellScriptBin = name: script name "/bin/${name}";
    writeShellApplication =
      { name, text, runtimeInputs ? [ ], ... }@arguments:
      if runtimeInputs == [ ] then
        script name "/bin/${name}" text
      else
        builder "writeShellApplication" arguments;

    buildEnv = joined "buildEnv";
    symlinkJoin = joined "symlinkJoin";
    runCommand = command "runCommand";
    runCommandLocal = command "runCommandLocal";
    runCommandCC = command "runCommandCC";
    stdenv = tagged'.stdenv // builders "stdenv." [ "mkDerivation" ];
    stdenvNoCC = tagged'.stdenvNoCC or { } // builders "stdenvNoCC." [ "mkDerivation" ];
    rustPlatform = tagged'.rustPlatform or { } // builders "rustPlatform." [ "buildRustPackage" ];
    python3Packages =
      tagged'.python3Packages or { }
      // builders "python3Packages." [
        "buildPythonApplication"
        "buildPythonPackage"
      ];
    runtimeShell = tagged'.runtimeShell or "${tagged'.bash.outPath}/bin/bash";
    inherit (pkgs) lib;

    callPackage =
      function: arguments:
      let
        called = if isFunction function then function else import function;
      in
      called (intersectAttrs (functionArgs called) tagged // arguments);
    path = ./nixpkgs;
  };
  # If the package set has no `lib`, this set has none either.
  tagged' = tagSet [ ] (builtins.removeAttrs pkgs [ "lib" ]);
  tagged = tagged' // builtins.removeAttrs functions (if pkgs ? lib then [ ] else [ "lib" ]);
in
tagged
