# The layers of an image, as derivations.
#
# reuse = "layer": a plan derivation says which path goes into which layer; the expression reads it (import from
# derivation) and makes one derivation per layer from exactly that layer's paths. When one package changes, the other
# layers are found as they were.
# reuse = "group": nothing is read while evaluating. One derivation for each `layer "name"` step, which leaves out what
# those before it hold, and one for the rest. reuse = "image": one for all.
{
  derive,
  storeName,
  # The image's name, for findings.
  name,
  base,
  content,
  # Outputs that hold files of a foreign base which rules of the chain change.
  contents,
  reuse,
  roots,
  # Whether rules of `permissions` reach into the store.
  storePermissions,
  compression,
  # The derivations that are in the image (buildable.nix); null for none.
  derivations,
  # How many layers the image has at most that hold no store paths.
  ownOthers,
}:
{
  # The limit of layers, including the base's. Docker runs images of at most 127.
  max ? 100,
  steps ? [ { auto = true; } ],
  order ? "popularity",
  # Packages that change often; [ { package = pkgs.openssl; weight = 50; } ].
  volatile ? [ ],
  weights ? [ ],
  # What the last build put where: this image's part of imgc.lock's `layers`. No other image's change comes in here.
  lock ? null,
}:
let
  # What is made twice: as it is, and as a form that refers to no store path.
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

  # The packages of steps are added to the image as libraries, unless the image has one of their outputs anyway.
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
      # The layers without store paths: of the whole chain, at most.
      others = otherLayers;
      exportReferencesGraph.closure = roots ++ map (each: each.root) fallbacks ++ [ content ] ++ listedInputs;
    }
  );
  # Only the output that refers to nothing is read: no store path has to be here for that (src/store/masked-json.ts).
  read =
    made:
    builtins.fromJSON (
      builtins.unsafeDiscardStringContext (
        builtins.replaceStrings [ "~" ] [ "" ] (builtins.readFile made.digests)
      )
    );
  # What is read names paths without context; a layer's derivation must depend on its own paths, and on no other.
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
    # The content derivation has set modes and owners.
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
  # A group's layers depend only on its packages: of their outputs, those that the image names.
  rootPaths = map plain roots;
  groupRoots =
    step:
    builtins.concatMap (
      package:
      let
        named = builtins.filter (path: builtins.elem (plain path) rootPaths) (outputsOf.every package);
      in
      if named == [ ] then outputsOf.library package else named
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
            # Without the closures, what they need is left for the steps after.
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
  };
  # Of each output, as a plan that is a derivation has it.
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
  .${reuse} or (throw "imgc[${name} cache reuse]: reuse is one of layer, group, image, not ${reuse}")
)
