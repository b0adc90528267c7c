# The layers of an image, as derivations.
#
# reuse = "layer": a plan derivation assigns each path to a layer; the expression reads it (import from derivation) and makes
# one derivation per layer from exactly that layer's paths. When one package changes, the other layers' derivations stay the
# same.
# reuse = "group": evaluation reads no derivation. There is one derivation for each `layer "name"` step, without the paths of
# the steps before it, and one for the remaining paths. reuse = "image": one derivation for all layers.
{
  derive,
  storeName,
  # The image's name, for findings.
  name,
  base,
  content,
  # Outputs with the bytes of files of a foreign base that rules change, of this image and its bases.
  contents,
  reuse,
  roots,
  # Whether rules of `permissions`, or the store's owner, may change files in the store.
  storePermissions,
  compression,
  # The derivations in the image (buildable.nix); null without any.
  derivations,
  # The highest number of layers without store paths that the image adds.
  ownOthers,
}:
{
  # The limit of layers, including the base's. The language reads the same file.
  max ? (builtins.fromJSON (builtins.readFile ./layer-limits.json)).default,
  steps ? [ { auto = true; } ],
  order ? "popularity",
  # Packages that change often; [ { package = pkgs.openssl; weight = 50; } ].
  volatile ? [ ],
  weights ? [ ],
  # The paths of each layer in the last build: only this image's part of `layers` in imgc.lock, so that changes of other
  # images rebuild nothing here.
  lock ? null,
}:
let
  # `digests` has the same JSON as `out`, but refers to no store path (src/store/masked-json.ts).
  outputs = [
    "out"
    "digests"
  ];
  inherit (import ./names.nix) named;
  outputsOf = import ./outputs.nix;
  plain = builtins.unsafeDiscardStringContext;
  toSteps = import ./steps.nix;
  basePlans = if base == null then [ ] else base.plans;
  baseSources = if base == null then [ ] else base.sources;

  # A step's package is added to the image as a library, unless the image has one of its outputs anyway.
  packagesOf = step: step.packages or step.only or [ ];
  stepPackages = builtins.concatMap packagesOf steps;
  fallbacks = map (package: {
    paths = map plain (outputsOf.every package);
    root = builtins.head (outputsOf.library package);
  }) stepPackages;

  listedInputs = if derivations == null then [ ] else [ derivations.inputs ];
  listed =
    if derivations == null then
      null
    else
      {
        list = derivations.out;
        inherit (derivations) inputs;
      };

  planArguments = {
    imageName = name;
    inherit order max lock;
    only = false;
    groups = [ ];
    weights = map (weight: {
      inherit (named weight.package) paths;
      inherit (weight) weight;
    }) weights;
    volatile = builtins.concatMap (package: (named package).paths) volatile;
  };

  # --- reuse layer
  plan = derive "plan" "${storeName}-plan.json" (
    planArguments
    // {
      inherit
        outputs
        content
        roots
        fallbacks
        ;
      derivations = listed;
      steps = toSteps steps;
      below = map (each: each.out) basePlans;
      # The highest number of layers without store paths, with the bases'.
      others = otherLayers;
      exportReferencesGraph.closure = roots ++ map (each: each.root) fallbacks ++ [ content ] ++ listedInputs;
    }
  );
  # Reads the output that refers to no store path, so that evaluation fetches none; `~` marks masked paths.
  read =
    made:
    builtins.fromJSON (
      builtins.unsafeDiscardStringContext (
        builtins.replaceStrings [ "~" ] [ "" ] (builtins.readFile made.digests)
      )
    );
  # Paths that were read have no context; a layer's derivation must depend on exactly its own paths.
  withContext =
    path:
    let
      root = builtins.head (builtins.match "(${builtins.storeDir}/[^/]+).*" path);
      inner = builtins.substring (builtins.stringLength root) (-1) path;
    in
    # The output is built again if only `digests` is in the store.
    if contentsOf ? ${root} then
      "${contentsOf.${root}}${inner}"
    else
      builtins.appendContext path { ${root}.path = true; };
  contentsOf = builtins.listToAttrs (
    map (output: {
      name = plain output;
      value = output;
    }) contents
  );
  layer =
    arguments:
    derive "layer" "layer.json" (
      {
        paths = [ ];
        entries = [ ];
        inherit outputs compression;
        permissions = if storePermissions then (read content).permissions else [ ];
      }
      // arguments
    );
  planned = read plan;
  storeLayers = map (
    { name, paths, ... }:
    layer {
      label = name;
      paths = map withContext paths;
    }
  ) planned.layers;
  ownEntries = map (
    entry: if entry.kind == "copy" then entry // { source = withContext entry.source; } else entry
  ) (read content).entries;
  filesLayer = layer {
    label = "files";
    entries = ownEntries;
    # The content derivation has applied the rules already.
    permissions = [ ];
  };

  # --- reuse group, reuse image
  pack =
    label: arguments:
    derive "pack" "${storeName}-${label}" (
      planArguments
      // {
        inherit outputs compression;
        others = otherLayers;
        permissions = if storePermissions then "${content}" else [ ];
        exportReferencesGraph.closure =
          arguments.roots
          ++ map (each: each.root) arguments.fallbacks
          ++ (if arguments.content == null then [ ] else [ arguments.content ])
          ++ (if arguments.derivations == null then [ ] else listedInputs);
      }
      // arguments
    );
  isGroup = step: reuse == "group" && step ? layer;
  # A group's layers depend only on its packages: on the outputs of them that the image names, or else their libraries.
  rootPaths = map plain roots;
  groupRoots =
    step:
    builtins.concatMap (
      package:
      let
        inImage = builtins.filter (path: builtins.elem (plain path) rootPaths) (outputsOf.every package);
      in
      if inImage == [ ] then outputsOf.library package else inImage
    ) (packagesOf step);
  groups =
    builtins.foldl'
      (
        done: step:
        done
        ++ [
          (pack "group" rec {
            roots = groupRoots step;
            fallbacks = [ ];
            content = null;
            derivations = null;
            # With `only`, the rest of the closure is left for the steps after.
            steps = toSteps [ step ];
            only = step ? only;
            below = map (each: each.out) (basePlans ++ map planOf done);
          })
        ]
      )
      [ ]
      (builtins.filter isGroup steps);
  remainder = pack "remainder" {
    roots = roots ++ builtins.concatMap groupRoots (builtins.filter isGroup steps);
    fallbacks = if reuse == "group" then [ ] else fallbacks;
    inherit content;
    derivations = listed;
    steps = toSteps (builtins.filter (step: !isGroup step) steps);
    below = map (each: each.out) (basePlans ++ map planOf groups);
    groups = map (each: (planOf each).out) groups;
  };
  # The plan of a pack, as the outputs of a plan derivation.
  planOf = made: {
    out = "${made.out}/plan.json";
    digests = "${made.digests}/plan.json";
  };
  packs = groups ++ [ remainder ];
  filesPack = derive "layer" "layer.json" {
    label = "files";
    paths = [ ];
    entries = "${content}";
    permissions = [ ];
    inherit outputs compression;
  };

  otherLayers = ownOthers + (if base == null then 0 else base.otherLayers);
  byLayer = {
    inherit plan;
    plans = basePlans ++ [ plan ];
    evaluated = [
      plan.digests
      content.digests
    ];
    sources = baseSources ++ storeLayers ++ (if ownEntries == [ ] then [ ] else [ filesLayer ]);
  };
  byPack = {
    plan = remainder;
    plans = basePlans ++ map planOf packs;
    evaluated = [ ];
    sources = baseSources ++ packs ++ [ filesPack ];
  };
in
{
  inherit otherLayers;
  # The packages that steps name.
  packages = stepPackages;
  # The store paths of the layers, as attribute names; null if evaluation does not read the plan.
  closure =
    if reuse == "layer" then
      builtins.listToAttrs (
        map (name: {
          inherit name;
          value = null;
        }) (builtins.concatMap (layer: layer.paths) planned.layers)
      )
    else
      null;
}
// (
  {
    layer = byLayer;
    group = byPack;
    image = byPack;
  }
  .${reuse} or (throw "imgc[${name} cache reuse]: ${reuse} is not a kind of reuse; use layer, group or image")
)
