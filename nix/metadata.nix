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
  texts = values: builtins.filter (value: value != null) (map text values);
  firstText =
    values:
    let
      found = texts values;
    in
    if found == [ ] then null else builtins.head found;

  known = name: value: if value == null then { } else { ${name} = value; };
  filled = name: values: if values == [ ] then { } else { ${name} = values; };

  # The names under which vulnerability databases may list the package, if the package set is not certain of the name.
  possibleCpes =
    identifiers:
    if text (identifiers.cpe or null) != null then
      [ ]
    else
      texts (map (each: each.cpe or null) (try [ ] (listOf (identifiers.possibleCPEs or [ ]))));

  # fetchurl, fetchgit and similar functions keep URLs as attributes.
  urlOf =
    fetched:
    if builtins.isAttrs fetched then
      firstText (try [ ] (listOf (fetched.urls or [ ])) ++ [ (fetched.url or null) ])
    else
      null;
  # The first URL of each source.
  sourcesOf =
    package:
    let
      sources = try [ ] (listOf (package.srcs or [ ])) ++ [ (package.src or null) ];
    in
    builtins.attrNames (
      builtins.listToAttrs (
        map (name: {
          inherit name;
          value = null;
        }) (texts (map (source: try null (urlOf source)) sources))
      )
    );
  # A patch is a file of the package set, or fetched.
  patchesOf =
    package:
    builtins.filter (patch: patch.name != null) (
      map (
        patch:
        {
          name = firstText [
            (patch.name or null)
            (if isFile patch then fileName (toString patch) else null)
          ];
        }
        // known "url" (try null (urlOf patch))
      ) (try [ ] (listOf (package.patches or [ ])))
    );
  isFile = value: builtins.isPath value || builtins.isString value || (builtins.isAttrs value && value ? outPath);
  # The name of a file, without the hash of a store path.
  fileName =
    path:
    let
      name = baseNameOf (plain path);
      parts = builtins.match "[0-9a-z]{32}-(.*)" name;
    in
    if parts == null then name else builtins.head parts;

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
      // filled "possibleCpes" (possibleCpes identifiers)
      // known "purl" (text (identifiers.purl or null))
      // filled "sources" (sourcesOf package)
      // filled "patches" (patchesOf package);
      paths = map (output: {
        inherit output;
        path = plain package.${output}.outPath;
      }) (package.outputs or [ "out" ]);
    in
    map (each: each // shared) (
      builtins.filter ({ path, ... }: closure == null || closure ? ${path}) paths
    );

  # The packages among the arguments of a package's derivation, without sources. The derivation's path is known at this
  # point, so all arguments are already evaluated.
  argumentsOf =
    package:
    builtins.filter (value: !(value ? outputHash)) (
      builtins.concatMap packagesIn (try [ ] (builtins.attrValues (package.drvAttrs or { })))
    );
  packagesIn =
    value:
    if builtins.isList value then
      builtins.concatMap packagesIn value
    else if builtins.isAttrs value && value ? drvPath then
      [ value ]
    else
      [ ];

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
