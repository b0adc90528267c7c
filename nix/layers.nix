# The layers of an image, as derivations. A plan assigns each store path to a layer.
#
# reuse = "layer": a derivation writes the plan. Evaluation reads it (import from derivation) and makes a derivation for each
# layer, which depends on exactly that layer's paths. If a package changes, the derivations of other layers stay the same.
#
# reuse = "group" and reuse = "image": evaluation reads no derivation. A "pack" is a derivation that makes a plan and the
# recipes of all layers in that plan (src/builder/actions/pack.ts). With "group", each `layer "name"` step has a pack, without
# the paths of the steps before, and a last pack has the remaining paths. With "image", a single pack has all paths.
{
  derive,
  # Makes the derivations of layers (derive-layers.nix).
  deriveLayers,
  storeName,
  # The image's name, for findings.
  name,
  base,
  platform,
  content,
  contentArguments,
  # The outputs `contents` of this image and its bases: copies of a foreign base's files whose attributes a rule changes.
  contents,
  reuse,
  roots,
  # Whether a rule of `permissions` may match files in the store, or the store has another owner than root.
  storePermissions,
  # The derivation of buildable.nix; null if the image contains no .drv files.
  derivations,
  # The highest number of layers without store paths that the image adds: the layer of files, and the database.
  ownOthers,
}:
{
  # The limit of layers, including the base's. The language reads the same file.
  max ? (builtins.fromJSON (builtins.readFile ./layer-limits.json)).default,
  steps ? [ { auto = true; } ],
  order ? "popularity",
  # volatile: packages that change often. weights: [ { package = pkgs.openssl; weight = 50; } ], added to their popularity.
  volatile ? [ ],
  weights ? [ ],
  # The records of earlier builds: only this image's part of `layers` in imgc.lock, so that changes of other images rebuild
  # nothing here.
  lock ? null,
}:
let
  inherit (import ./names.nix) named;
  outputsOf = import ./outputs.nix;
  plain = builtins.unsafeDiscardStringContext;
  toSteps = import ./steps.nix;
  basePlans = if base == null then [ ] else base.plans;
  baseSources = if base == null then [ ] else base.sources;

  # If the image contains no output of a step's package, the plan adds the package's library output.
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

  history = import ./plan-history.nix {
    inherit lock platform;
    # The first argument of each builder is its program.
    sources = [
      content.args
      plan.args
      contentArguments
      roots
      fallbacks
      listedInputs
      (map (each: each.out) basePlans)
    ];
    settings = {
      inherit order max reuse;
      others = otherLayers;
      steps = map (step: removeAttrs step [ "packages" "only" ] // { only = step ? only; }) steps;
      weights = map ({ weight, ... }: weight) weights;
    };
  };

  planArguments = {
    imageName = name;
    inherit order max;
    inherit (history) lock;
    only = false;
    groups = [ ];
    weights = map (weight: {
      inherit (named weight.package) paths;
      inherit (weight) weight;
    }) weights;
    volatile = builtins.concatMap (package: (named package).paths) volatile;
  };

  # --- reuse layer
  plan = deriveLayers "plan" "${storeName}-plan" (
    planArguments
    // {
      inherit
        content
        roots
        fallbacks
        ;
      permissions = ruleSource;
      derivations = listed;
      steps = toSteps steps;
      below = map (each: each.digests) basePlans;
      # The highest number of layers without store paths, including those of the bases.
      others = otherLayers;
      exportReferencesGraph.closure = roots ++ map (each: each.root) fallbacks ++ [ content ] ++ listedInputs;
    }
  );
  # Reads a derivation's `digests` in the place of its `out`, so that evaluation fetches no store paths. Each `~` masks a store
  # path and is removed (src/store/masked-json.ts).
  read =
    made:
    builtins.fromJSON (
      builtins.unsafeDiscardStringContext (
        builtins.replaceStrings [ "~" ] [ "" ] (builtins.readFile made.digests)
      )
    );
  # Adds string context to a path: paths from a file have none, and a layer's derivation must depend on exactly its own paths.
  withContext =
    path:
    let
      root = builtins.head (builtins.match "(${builtins.storeDir}/[^/]+).*" path);
      inner = builtins.substring (builtins.stringLength root) (-1) path;
    in
    # The path gets the context of its derivation, so that Nix builds a missing output `contents`. It is missing if only
    # `digests` was fetched.
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
    deriveLayers "layer" "layer.json" (
      {
        paths = [ ];
        entries = [ ];
        permissions = storeRules;
      }
      // arguments
    );
  # The content file, which has the rules for files in the store; empty if no rule may match.
  ruleSource = if storePermissions then "${content}" else [ ];
  # The rules for files in the store.
  storeRules = if storePermissions then (read content).permissions else [ ];
  planned =
    let
      inherit (read (planOf plan)) layers closure;
      # A path is an index in the closure, or the path itself (src/image/plan-file.ts).
      pathOf =
        number:
        if builtins.isInt number then
          closure.folder + builtins.head (builtins.elemAt closure.paths number)
        else
          number;
    in
    map (each: each // { paths = map pathOf each.paths; }) layers;
  storeLayers = map (each: if each ? batch then inBatch.${firstOf each} else layer (part each)) planned;
  part =
    { name, paths, ... }:
    {
      label = name;
      paths = map withContext paths;
    };
  firstOf = { paths, ... }: builtins.head paths;
  # By the first path, the small layers that share a derivation. They are sorted, since another order of an image's layers must
  # not make them again. The derivation of the plan makes the batch `plan`.
  inBatch = builtins.listToAttrs (
    builtins.concatMap (
      name: batch name (builtins.sort (a: b: firstOf a < firstOf b) batches.${name})
    ) (builtins.attrNames batches)
  );
  batches = builtins.groupBy (each: each.batch) (builtins.filter (each: each ? batch) planned);
  batch =
    name: members:
    let
      made =
        if name == "plan" then
          plan
        else
          deriveLayers "layers" "layers" {
            layers = map part members;
            permissions = storeRules;
          };
    in
    builtins.genList (
      i:
      let
        member = builtins.elemAt members i;
      in
      {
        name = firstOf member;
        value = madeBy made i (part member // { permissions = storeRules; });
      }
    ) (builtins.length members);
  # A layer that has number `i` among the layers of one derivation.
  madeBy =
    made: i: arguments:
    let
      file = "layers/${if i < 10 then "00" else "0"}${toString i}.json";
      out = "${made.out}/${file}";
    in
    arguments
    // {
      inherit out;
      outPath = out;
      digests = "${made.digests}/${file}";
      # The derivation, which makes other layers as well.
      batch = made;
      inherit (made) drvPath;
    }
    // (if made ? blobs then { inherit (made) blobs; } else { })
    // (
      if made ? zstd then
        { zstd = builtins.mapAttrs (_: folder: "${folder}/${file}") made.zstd; }
      else
        { }
    );
  ownEntries = map (
    entry: if entry.kind == "copy" then entry // { source = withContext entry.source; } else entry
  ) (read content).entries;
  filesLayer =
    let
      arguments = {
        label = "files";
        paths = [ ];
        entries = ownEntries;
        # The content derivation has already applied the rules to these files.
        permissions = [ ];
      };
    in
    if (read (planOf plan)).hasFilesLayer or false then
      madeBy plan (builtins.length (batches.plan or [ ])) arguments
    else
      layer arguments;

  # --- reuse group, reuse image
  pack =
    label: arguments:
    deriveLayers "pack" "${storeName}-${label}" (
      planArguments
      // {
        others = otherLayers;
        permissions = ruleSource;
        exportReferencesGraph.closure =
          arguments.roots
          ++ map (each: each.root) arguments.fallbacks
          ++ (if arguments.content == null then [ ] else [ arguments.content ])
          ++ (if arguments.derivations == null then [ ] else listedInputs);
      }
      // arguments
    );
  isGroup = step: reuse == "group" && step ? layer;
  # The roots of a `layer` step's pack: the outputs of the step's packages that the image names; for a package without any such
  # output, its library output.
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
            # With `only`, the pack has no dependencies of the packages: later steps take them.
            steps = toSteps [ step ];
            only = step ? only;
            below = map (each: each.digests) (basePlans ++ map planOf done);
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
    below = map (each: each.digests) (basePlans ++ map planOf groups);
    groups = map (each: (planOf each).digests) groups;
  };
  # The paths of a plan, by the output that contains it.
  planOf = made: {
    out = "${made.out}/plan.json";
    digests = "${made.digests}/plan.json";
  };
  packs = groups ++ [ remainder ];
  filesPack = deriveLayers "layer" "layer.json" {
    label = "files";
    paths = [ ];
    entries = "${content}";
    permissions = [ ];
  };

  otherLayers = ownOthers + (if base == null then 0 else base.otherLayers);
  byLayer = {
    inherit plan;
    plans = basePlans ++ [ (planOf plan) ];
    # The plan without the base's, masked (src/store/masked-json.ts).
    ownPlan = (planOf plan).digests;
    planned = [ plan.digests ];
    evaluated = [
      plan.digests
      content.digests
    ];
    sources = baseSources ++ storeLayers ++ (if ownEntries == [ ] then [ ] else [ filesLayer ]);
  };
  byPack = {
    plan = remainder;
    plans = basePlans ++ map planOf packs;
    ownPlan = (planOf remainder).digests;
    planned = map (made: made.digests) packs ++ [ content ];
    evaluated = [ ];
    sources = baseSources ++ packs ++ [ filesPack ];
  };
in
{
  inherit otherLayers;
  # By name, the inputs of the plan, which the lock records.
  inherit (history) inputs;
  # The packages that steps name.
  packages = stepPackages;
  # The store paths in the planned layers, as attribute names; null if evaluation does not read the plan.
  closure =
    if reuse == "layer" then
      builtins.listToAttrs (
        map (name: {
          inherit name;
          value = null;
        }) (builtins.concatMap (layer: layer.paths) planned)
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
