# What the package set says of packages and of what they are built from: [ { path, name, version, licenses, … } ], an entry
# for each output. A list of materials needs it, since a store path tells nothing but a name.
packages:
let
  # A package may be broken, or say something odd; that is no reason to fail an image.
  try =
    fallback: value:
    let
      result = builtins.tryEval (builtins.deepSeq value value);
    in
    if result.success then result.value else fallback;
  isPackage = value: builtins.isAttrs value && value ? outPath && value ? name;
  listOf = value: if builtins.isList value then value else [ value ];
  plain = builtins.unsafeDiscardStringContext;
  # The first text among values, without what it was made of; null where there is none.
  textOf =
    values:
    let
      texts = builtins.filter builtins.isString values;
    in
    if texts == [ ] then null else plain (builtins.head texts);

  # [ { id } ] where the package set has one of SPDX, [ { name } ] otherwise; what has neither is left out.
  licenseOf =
    license:
    let
      of = if builtins.isAttrs license then license else { fullName = license; };
      id = textOf [ (of.spdxId or null) ];
      name = textOf [
        (of.fullName or null)
        (of.shortName or null)
      ];
    in
    if id != null then
      [ { inherit id; } ]
    else if name != null then
      [ { inherit name; } ]
    else
      [ ];

  describe =
    package:
    let
      parsed = builtins.parseDrvName package.name;
      meta = package.meta or { };
    in
    map (output: {
      path = plain package.${output}.outPath;
      name = textOf [
        (package.pname or null)
        parsed.name
      ];
      version = textOf [
        (package.version or null)
        parsed.version
      ];
      inherit output;
      licenses = try [ ] (builtins.concatMap licenseOf (listOf (meta.license or [ ])));
      description = try null (textOf [ (meta.description or null) ]);
      homepage = try null (textOf (listOf (meta.homepage or [ ])));
    }) (package.outputs or [ "out" ]);

  inputs =
    package:
    builtins.filter (input: try false (isPackage input)) (
      try [ ] (
        map (input: input) (
          listOf (package.buildInputs or [ ])
          ++ listOf (package.propagatedBuildInputs or [ ])
          ++ listOf (package.paths or [ ])
        )
      )
    );
  # Once for all outputs of a package.
  node = package: {
    key = plain (package.drvPath or package.outPath);
    inherit package;
  };
in
builtins.concatMap (item: try [ ] (describe item.package)) (
  builtins.genericClosure {
    startSet = map node (builtins.filter isPackage packages);
    operator = item: map node (inputs item.package);
  }
)
