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

  # { id } where it is of SPDX's list, { name } otherwise.
  licenseOf =
    license:
    if builtins.isAttrs license && license ? spdxId then
      { id = license.spdxId; }
    else
      { name = if builtins.isString license then license else license.fullName or license.shortName; };

  describe =
    package:
    let
      parsed = builtins.parseDrvName package.name;
      meta = package.meta or { };
    in
    map (output: {
      path = plain package.${output}.outPath;
      name = package.pname or parsed.name;
      version = package.version or parsed.version;
      inherit output;
      licenses = try [ ] (map licenseOf (listOf (meta.license or [ ])));
      description = try null (meta.description or null);
      homepage = try null (
        let
          pages = listOf (meta.homepage or [ ]);
        in
        if pages == [ ] then null else builtins.head pages
      );
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
