# An image as a small directory: its config, its manifest, and what each layer is made of. Nothing is copied.
{
  pkgs,
  derive,
  check,
  extract,
  platform,
  # What writes the database.
  hostNix,
  # The package with xz; null if the package set has none.
  xz,
}:
{
  # The repository's name, and the tag (null: a hash of the content).
  name,
  tag ? null,
  # Another image made by this function, or one of base.nix; its layers lie below.
  base ? null,
  # Linked at /; in the store only.
  packages ? [ ],
  store ? [ ],
  provide ? [ ],
  # See files.nix; { name = { uid, gid, home ? null, shell ? null, groups ? [ ] }; }; { name = { gid, members ? [ ] }; };
  # { glob = { mode, owner, capabilities }; }.
  files ? { },
  users ? { },
  groups ? { },
  permissions ? { },
  config ? { },
  annotations ? { },
  author ? null,
  created ? "1970-01-01T00:00:01Z",
  # Makes Nix work inside, { } as it is: see inside.nix.
  nix ? null,
  # { max, steps, order, volatile, weights }: see steps.nix and layers.nix.
  layers ? { },
  # What is a derivation of its own: "layer", "group" or "image".
  reuse ? "layer",
  output ? "raw",
  manifest ? "oci",
  compression ? { },
  expect ? { },
}:
let
  # What lies below must be for the same platform.
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

  plain = {
    inherit
      packages
      provide
      files
      users
      config
      ;
  };
  # Nix works inside also where only the base says so: what this image adds must be registered as well.
  baseNix = base.nix or null;
  inside =
    if nix == null then
      baseNix
    else
      import ./inside.nix {
        inherit pkgs;
        base = baseNix;
        said = plain;
      } nix;
  said = if nix == null then plain else inside.said;
  # Each output, with its package's index in `packages`; null for packages that `nix` adds.
  linked = builtins.concatLists (
    builtins.genList (
      index:
      let
        package = builtins.elemAt said.packages index;
        priority = builtins.tryEval (package.meta.priority or 5);
      in
      map (path: {
        inherit path;
        # 5 is nixpkgs' default; the lower number wins.
        priority = if priority.success && builtins.isInt priority.value then priority.value else 5;
        index = if index < builtins.length packages then index else null;
      }) (outputs.installed package)
    ) (builtins.length said.packages)
  );
  roots = map (each: each.path) linked ++ builtins.concatMap outputs.installed store;
  provided = import ./provide.nix { inherit pkgs; } said.provide;
  compressionUsed = {
    algorithm = compression.algorithm or (if manifest == "docker" then "gzip" else "zstd");
    level = compression.level or null;
  };

  content = derive "content" "${storeName}-content.json" {
    outputs = [
      "out"
      "digests"
    ]
    # Files of a base made elsewhere that rules change.
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
        inherit extract xz;
        imageName = name;
      };
    } (provided.files // said.files);
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
      ) said.users
    );
    groups = builtins.attrValues (
      builtins.mapAttrs (name: group: { members = [ ]; } // group // { inherit name; }) groups
    );
    permissions = permissionRules;
    config = import ./run-config.nix said.config;
    extendedEnv = import ./extended-env.nix (said.config.env or { });
    # Whether to write /etc/passwd with root and nobody even without other users.
    provideUsers = builtins.elem "users" said.provide;
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
      storeName
      name
      base
      content
      contents
      reuse
      roots
      ;
    # The user who builds inside the image owns the store.
    storePermissions =
      builtins.filter (rule: import ./reaches.nix rule.glob) permissionRules != [ ]
      || (inside != null && inside.user != "root");
    compression = compressionUsed;
    derivations = import ./buildable.nix { inherit derive storeName; } (
      if nix == null then [ ] else inside.buildable
    );
    # Layers without store paths: the files, and the database.
    ownOthers = if inside == null then 1 else 2;
  } layers;

  registered = import ./database.nix {
    inherit derive storeName;
    nix = hostNix;
  } {
    plans = map (plan: plan.out) layering.plans;
    content = content.out;
    inherit (inside) user;
    derivations = base.derivations or [ ];
    compression = compressionUsed;
  };
  sources = layering.sources ++ (if inside == null then [ ] else [ registered.layer ]);

  description = {
    imageName = name;
    inherit tag author annotations;
    manifest =
      if manifest == "docker" && annotations != { } then
        throw "imgc[${name} annotations]: a Docker manifest has no annotations; use `labels`, or `manifest oci`"
      else
        manifest;
    created = if created == "now" then builtins.currentTime else created;
    inherit platform;
    inherit metadata;
    expect = {
      size = expect.size or [ ];
      layers = expect.layers or [ ];
      layerSize = expect.layerSize or [ ];
      absent = builtins.concatMap names.withWrapped (expect.absent or [ ]);
      present = map names.anyOf (expect.present or [ ]);
      noSetuid = expect.noSetuid or false;
      noWorldWritable = expect.noWorldWritable or false;
      reproducible = expect.reproducible or false;
      run = map (trial: { exit = 0; stdout = null; } // trial) (expect.run or [ ]);
    };
  };

  metadata =
    base.metadata or [ ]
    ++ import ./metadata.nix {
      packages = said.packages ++ store ++ layering.packages ++ provided.packages;
      inherit (layering) closure;
    };

  image = derive "image" storeName (
    description
    // {
      content = content.out;
      plans = map (plan: plan.out) layering.plans;
      layers = map (layer: layer.out) sources;
    }
  );

  # The same in one file that refers to no store path, made from what refers to none: whoever has a binary cache can
  # push with it, and fetches the store paths of those layers only that the registry lacks.
  digests = derive "digests" "${storeName}-digests.json" (
    builtins.mapAttrs (_: withoutContext) description
    // {
      content = content.digests;
      plans = map (plan: plan.digests) layering.plans;
      layers = map (layer: layer.digests) sources;
    }
  );
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
  # What evaluation reads, the base's first.
  evaluated = (if base == null then [ ] else base.evaluated) ++ only layering.evaluated;
  # What a later build or push wants to find beside the image, none of which refers to a store path.
  reusable =
    evaluated ++ [ digests ] ++ only (map (part: part.digests) ([ content ] ++ layering.plans ++ sources));

  oci = derive "layout" "${storeName}-oci" {
    inherit image;
    blobs = map (source: derive "blobs" "blobs" { layers = [ source ]; }) sources;
  };

  archive =
    form:
    derive "archive" "${storeName}-${form}.tar" {
      inherit image form;
    };
  ociArchive = archive "oci-archive";
  dockerArchive = archive "docker-archive";

  # All of it held against what it claims: fails where something does not hold, and names it.
  checks = check "${storeName}-checks" { inherit image; };

  forms = {
    raw = image;
    inherit oci;
    oci-archive = ociArchive;
    docker-archive = dockerArchive;
  };
in
assert fits;
(forms.${output} or (throw "imgc[${name} output]: output is one of ${toString (builtins.attrNames forms)}, not ${output}"))
// {
  # What people build on: the parts of the image beside the image itself, and what an image on top of this one needs.
  inherit
    image
    digests
    oci
    ociArchive
    dockerArchive
    content
    contents
    checks
    sources
    evaluated
    reusable
    platform
    output
    metadata
    ;
  inherit (layering) plan plans otherLayers;
  layers = sources;
  # null where Nix does not work inside.
  database = if inside == null then null else registered.database;
  nix =
    if inside == null then null else { inherit (inside) user package settings; };
  derivations = base.derivations or [ ];
  # The derivation of the foreign base that lies below everything; null for none.
  foreign = base.foreign or null;
}
