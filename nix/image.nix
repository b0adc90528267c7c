# An image as a small directory: its config, its manifest, and a recipe for each layer (src/layer/recipe.ts), from which imgc
# makes the layer's bytes on demand. The directory contains no bytes of layers.
{
  pkgs,
  derive,
  platform,
  # The Nix package that writes the database, for the building machine.
  hostNix,
  # The package with xz; null if the package set has none.
  xz,
}:
{
  # The repository's name, and the tag (null: a prefix of the manifest's digest).
  name,
  tag ? null,
  # Another image from this function or from base.nix; its layers are below the new ones.
  base ? null,
  # Packages linked at /, and packages only in the store.
  packages ? [ ],
  store ? [ ],
  provide ? [ ],
  # files: see files.nix. users: { NAME = { uid, gid, home ? null, shell ? null, groups ? [ ] }; }. groups:
  # { NAME = { gid, members ? [ ] }; }. permissions: { GLOB = { mode, owner, capabilities }; }.
  files ? { },
  users ? { },
  groups ? { },
  permissions ? { },
  config ? { },
  annotations ? { },
  author ? null,
  created ? "1970-01-01T00:00:01Z",
  # Settings of Nix inside the image (inside.nix); { } for the defaults; null for an image without Nix.
  nix ? null,
  # { max, steps, order, volatile, weights }: see steps.nix and layers.nix.
  layers ? { },
  # A derivation for each layer ("layer"), for each `layer` step ("group"), or one for all layers ("image"): see layers.nix.
  reuse ? "layer",
  # Whether each layer's derivation keeps the compressed bytes of the layer, so that a push does not compress them again.
  keepBlobs ? false,
  output ? "raw",
  manifest ? "oci",
  compression ? { },
  expect ? { },
}:
let
  # Throws if the base is for another platform.
  fits =
    base == null
    || !(base ? platform)
    || base.platform == platform
    || throw "imgc[${name} base]: ${name} is for ${platformName platform}, its base for ${platformName base.platform}; give both the same `platforms`";
  platformName = import ./platform-name.nix;

  storeName = builtins.replaceStrings [ "/" ":" ] [ "-" "-" ] name;
  rules = import ./rules.nix;
  outputs = import ./outputs.nix;
  names = import ./names.nix;

  permissionRules = builtins.attrValues (
    builtins.mapAttrs (glob: rule: { inherit glob; } // rules rule) permissions
  );

  given = {
    inherit
      packages
      provide
      files
      users
      config
      ;
  };
  # If only the base has Nix inside, this image gets a database as well: it must register the store paths that the image adds.
  baseNix = base.nix or null;
  inside =
    if nix == null then
      baseNix
    else
      import ./inside.nix {
        inherit pkgs;
        base = baseNix;
        inherit given;
      } nix;
  # The image's settings, with the additions of inside.nix.
  settings = if nix == null then given else inside.withNix;
  # Each installed output. `index`: the package's index in `packages`; null for packages that `nix` adds.
  linked = builtins.concatLists (
    builtins.genList (
      index:
      let
        package = builtins.elemAt settings.packages index;
        priority = import ./try.nix null (package.meta.priority or 5);
      in
      map (path: {
        inherit path;
        # 5 is nixpkgs' default; the lower number wins.
        priority = if builtins.isInt priority then priority else 5;
        index = if index < builtins.length packages then index else null;
      }) (outputs.installed package)
    ) (builtins.length settings.packages)
  );
  roots = map (each: each.path) linked ++ builtins.concatMap outputs.installed store;
  provided = import ./provide.nix { inherit pkgs; } settings.provide;
  # A compression for each form of the layers.
  forms = map (
    form:
    {
      algorithm = form.algorithm or (if manifest == "docker" then "gzip" else "zstd");
      level = form.level or null;
    }
    // (if form.chunked or false then { chunked = true; } else { })
  ) (if builtins.isList compression then compression else [ compression ]);
  algorithms = map (form: form.algorithm) forms;
  hasForms =
    if builtins.length forms == 1 then
      false
    else if
      algorithms == [
        "gzip"
        "zstd"
      ]
    then
      true
    else
      throw "imgc[${name} compression]: the forms of an image are gzip and zstd, not ${toString algorithms}; write [ { algorithm = \"gzip\"; } { algorithm = \"zstd\"; } ]";

  deriveLayers = import ./derive-layers.nix {
    inherit derive forms;
    # `digests` has the same JSON as `out`, but refers to no store path (src/store/masked-json.ts). `blobs` is a folder with the
    # compressed bytes; uncompressed layers need none.
    outputs = [
      "out"
      "digests"
    ]
    ++ (if keepBlobs && algorithms != [ "none" ] then [ "blobs" ] else [ ]);
  };

  content = derive "content" "${storeName}-content.json" contentArguments;
  contentArguments = {
    outputs = [
      "out"
      "digests"
    ]
    # Copies of files of a foreign base: the files whose attributes a rule of `permissions` changes.
    ++ (if permissions == { } || base.foreign or null == null then [ ] else [ "contents" ]);
    imageName = name;
    base = if base == null then null else base.content.out;
    foreignBase = base.foreign or null;
    packages = linked;
    files = import ./files.nix {
      image = name;
      inherit rules;
      isAsked = path: files ? ${path};
      extract = import ./extract.nix {
        inherit derive xz;
        imageName = name;
      };
    } (provided.files // settings.files);
    users = builtins.attrValues (
      builtins.mapAttrs (
        name: user:
        {
          home = null;
          shell = null;
          groups = [ ];
        }
        // user
        // {
          inherit name;
        }
      ) settings.users
    );
    groups = builtins.attrValues (
      builtins.mapAttrs (name: group: { members = [ ]; } // group // { inherit name; }) groups
    );
    permissions = permissionRules;
    config = import ./run-config.nix settings.config;
    extendedEnv = import ./extended-env.nix (settings.config.env or { });
    # Whether to write /etc/passwd with root and nobody even without other users.
    provideUsers = builtins.elem "users" settings.provide;
    nix = if inside == null then null else inside.user;
    shell =
      if nix == null || inside.shell == [ ] then
        null
      else
        import ./environment.nix { inherit derive storeName; } inside.shell;
  };

  contents = base.contents or [ ] ++ (if content ? contents then [ "${content.contents}" ] else [ ]);

  layering = import ./layers.nix {
    inherit
      derive
      deriveLayers
      storeName
      name
      base
      content
      contentArguments
      contents
      reuse
      roots
      ;
    # The user who builds inside the image owns the store.
    storePermissions =
      builtins.filter (rule: import ./reaches.nix rule.glob) permissionRules != [ ]
      || (inside != null && inside.user != "root");
    derivations = import ./buildable.nix { inherit derive storeName; } (
      if nix == null then [ ] else inside.buildable
    );
    # Layers without store paths: the layer of files, and the database.
    ownOthers = if inside == null then 1 else 2;
    platform = platformName platform;
  } layers;

  registered = import ./database.nix {
    inherit derive deriveLayers storeName;
    nix = hostNix;
  } {
    plans = map (plan: plan.digests) layering.plans;
    # The store paths of the plans: the derivations among them are read.
    paths = map (plan: plan.out) layering.plans;
    content = content.out;
    inherit (inside) user;
    derivations = base.derivations or [ ];
  };
  sources = layering.sources ++ (if inside == null then [ ] else [ registered.layer ]);

  description = {
    imageName = name;
    inherit tag author annotations;
    manifest =
      if manifest == "docker" && annotations != { } then
        throw "imgc[${name} annotations]: a Docker manifest cannot hold annotations; use `labels`, or `manifest oci`"
      else
        manifest;
    created = if created == "now" then builtins.currentTime else created;
    inherit platform;
    inherit metadata;
    origin = if origin == null then null else origin // { database = inside != null; };
    expect = {
      size = expect.size or [ ];
      layers = expect.layers or [ ];
      layerSize = expect.layerSize or [ ];
      absent = builtins.concatMap names.withWrapped (expect.absent or [ ]);
      present = map names.anyOf (expect.present or [ ]);
      noSetuid = expect.noSetuid or false;
      noWorldWritable = expect.noWorldWritable or false;
      reproducible = expect.reproducible or false;
      licenses = expect.licenses or [ ];
      noLicenses = expect.noLicenses or [ ];
      run = map (expected: { exit = 0; stdout = null; } // expected) (expect.run or [ ]);
    };
  };

  # The base in a registry under this image and its other bases; null without one.
  origin = base.origin or null;

  metadata =
    base.metadata or [ ]
    ++ import ./metadata.nix {
      packages = settings.packages ++ store ++ layering.packages ++ provided.packages;
      inherit (layering) closure;
    };

  # The recipes of a source's layers, compressed with `algorithm`. If a base has a single form, both forms of this image use it.
  inForm = algorithm: source: if algorithm == "zstd" then source.zstd or source else source;
  formOf =
    { algorithm, ... }:
    let
      # `output`: the output of the layers and of their content.
      parts = output: {
        content = content.${output};
        plans = map (plan: plan.digests) layering.plans;
        layers = map (source: (inForm algorithm source).${output}) sources;
        isGzipForm = hasForms && algorithm == "gzip";
      };
    in
    {
      image = derive "image" storeName (description // parts "out");
      # The image's documents and recipes in one file. Neither this file nor its inputs refer to store paths. With a binary
      # cache, a push reads this file and fetches only the store paths of layers that the registry lacks.
      digests = derive "digests" "${storeName}-digests.json" (
        builtins.mapAttrs (_: withoutContext) description // parts "digests"
      );
    };
  # The image of each form, in the order of the index.
  images = map formOf forms;
  first = builtins.head images;
  image =
    if hasForms then
      derive "index" "${storeName}-index" { images = map (each: "${each.image}") images; }
    else
      first.image;
  withoutContext =
    value:
    if builtins.isString value then
      builtins.unsafeDiscardStringContext value
    else if builtins.isAttrs value then
      builtins.mapAttrs (_: withoutContext) value
    else if builtins.isList value then
      map withoutContext value
    else
      value;

  only = map (output: output // { outputSpecified = true; });
  # The outputs that evaluation reads (import from derivation), the base's first.
  evaluated = (if base == null then [ ] else base.evaluated) ++ only layering.evaluated;
  # The outputs that `imgc plan` reads (src/app/spec-plan.ts): for `reuse layer`, only small layers of the application are hashed.
  planned =
    (if base == null then [ ] else base.planned)
    ++ only layering.planned
    ++ (if inside == null then [ ] else [ registered.database ]);
  # The outputs that a later build or push reads, besides the image. They refer to no store path.
  reusable =
    evaluated
    ++ map (each: each.digests) images
    ++ only (map (source: (source.batch or source).digests) ([ content ] ++ sources));

  oci = derive "layout" "${storeName}-oci" {
    inherit image;
    blobs = map (source: source.blobs or (import ./blobs-of.nix { inherit derive; } source)) sources;
  };

  archive =
    form:
    derive "archive" "${storeName}-${form}.tar" {
      inherit image form;
    };
  ociArchive = archive "oci-archive";
  dockerArchive = archive "docker-archive";

  # Verifies the image; the derivation fails if there is a finding.
  checks = derive "checks" "${storeName}-checks" { inherit image; };

  outputsByName = {
    raw = image;
    inherit oci;
    oci-archive = ociArchive;
    docker-archive = dockerArchive;
  };
in
assert fits;
(outputsByName.${output} or (throw "imgc[${name} output]: ${output} is not an output; use one of ${toString (builtins.attrNames outputsByName)}"))
// {
  # Parts for other Nix code (nix/README.md), and the attributes that an image on top of this one reads.
  inherit
    image
    oci
    ociArchive
    dockerArchive
    content
    contents
    checks
    sources
    evaluated
    planned
    reusable
    platform
    output
    metadata
    origin
    ;
  inherit (layering) plan plans ownPlan otherLayers;
  digests = if hasForms then map (each: each.digests) images else first.digests;
  # The image directory of each form.
  forms = map (each: each.image) images;
  # By platform, the inputs of the plan. `imgc build` writes them into the lock.
  inputs.${platformName platform} = layering.inputs;
  layers = sources;
  # null without Nix inside.
  database = if inside == null then null else registered.database;
  nix =
    if inside == null then null else { inherit (inside) user package settings; };
  derivations = base.derivations or [ ];
  # The derivation of the foreign base under this image and its other bases; null without a foreign base.
  foreign = base.foreign or null;
}
