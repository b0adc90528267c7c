# The package set's metadata of packages and of their inputs, one entry for each output. The bill of materials contains this
# metadata: a store path itself has no licence, only a name.
#
# Evaluates no other attributes of a package: they may be large, such as its tests, or abort.
{
  # The image's packages.
  packages,
  # The image's store paths, as attribute names. Other paths get no entry. null if evaluation does not know the image's paths:
  # then all packages and inputs get entries.
  closure,
}:
let
  # A throw in a package's `meta` must not fail the image.
  try = import ./try.nix;
  inputsOf = import ./inputs.nix;
  listOf = value: if builtins.isList value then value else [ value ];
  plain = builtins.unsafeDiscardStringContext;
  text =
    value:
    try null (if builtins.isString value && value != "" then plain value else null);
  firstText =
    values:
    let
      texts = builtins.filter (value: value != null) (map text values);
    in
    if texts == [ ] then null else builtins.head texts;

  known = name: value: if value == null then { } else { ${name} = value; };

  licenses = import ./licenses.nix { inherit firstText; };

  keyOf = package: package.drvPath or package.outPath;
  isPackage =
    value: try false (builtins.isAttrs value && value ? name && value ? outPath && builtins.isString (keyOf value));

  describe =
    package:
    let
      parsed = builtins.parseDrvName package.name;
      meta = try { } (builtins.seq (package.meta or { }) package.meta or { });
      identifiers = try { } (meta.identifiers or { });
      wordOr =
        word: value:
        if text value == null then word else text value;
      shared = {
        name = wordOr parsed.name (package.pname or null);
        version = wordOr parsed.version (package.version or null);
        licenses = licenses (meta.license or [ ]);
        description = text (meta.description or null);
        homepage = firstText (try [ ] (listOf (meta.homepage or [ ])));
      }
      // known "cpe" (text (identifiers.cpe or null))
      // known "purl" (text (identifiers.purl or null));
      paths = map (output: {
        inherit output;
        path = plain package.${output}.outPath;
      }) (package.outputs or [ "out" ]);
    in
    map (each: each // shared) (
      builtins.filter ({ path, ... }: closure == null || closure ? ${path}) paths
    );

  # All outputs of a package have the same key, so that the package is visited once.
  node = package: {
    key = plain (keyOf package);
    inherit package;
  };
in
builtins.concatMap (item: describe item.package) (
  builtins.genericClosure {
    startSet = map node (builtins.filter isPackage packages);
    operator = item: map node (builtins.filter isPackage (inputsOf item.package));
  }
)
