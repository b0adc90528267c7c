# An image as a small directory: its config, its manifest, and what each layer is made of. Nothing is copied.
{
  pkgs,
  derive,
  check,
  system,
}:
{
  # The repository's name, and the tag (null: a hash of the content).
  name,
  tag ? null,
  # Another image made by this function; its layers lie below.
  base ? null,
  # Linked at /; in the store only.
  packages ? [ ],
  store ? [ ],
  provide ? [ ],
  # See files.nix; { name = { uid, gid, home ? null, shell ? null, groups ? [ ] }; }; { glob = { mode, owner }; }.
  files ? { },
  users ? { },
  permissions ? { },
  config ? { },
  annotations ? { },
  author ? null,
  created ? "1970-01-01T00:00:01Z",
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
  storeName = builtins.replaceStrings [ "/" ":" ] [ "-" "-" ] name;
  rules = import ./rules.nix;
  mentioned = import ./names.nix;

  platforms = {
    x86_64-linux = {
      os = "linux";
      architecture = "amd64";
    };
    aarch64-linux = {
      os = "linux";
      architecture = "arm64";
    };
    armv7l-linux = {
      os = "linux";
      architecture = "arm";
      variant = "v7";
    };
  };

  permissionRules = builtins.attrValues (
    builtins.mapAttrs (glob: rule: { inherit glob; } // rules rule) permissions
  );

  content = derive "content" "${storeName}-content.json" {
    outputs = [
      "out"
      "digests"
    ];
    base = if base == null then null else base.content;
    packages = map toString packages;
    files = import ./files.nix { inherit rules; } (import ./provide.nix { inherit pkgs; } provide // files);
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
      ) users
    );
    permissions = permissionRules;
    config = import ./run-config.nix config;
  };

  layering = import ./layers.nix {
    inherit
      derive
      storeName
      base
      content
      reuse
      ;
    roots = map toString (packages ++ store);
    hasFiles = packages ++ provide != [ ] || files != { } || users != { };
    storePermissions = builtins.filter (rule: import ./reaches.nix rule.glob) permissionRules != [ ];
    compression = {
      algorithm = compression.algorithm or (if manifest == "docker" then "gzip" else "zstd");
      level = compression.level or null;
    };
  } layers;

  description = {
    imageName = name;
    inherit tag author annotations;
    manifest =
      if manifest == "docker" && annotations != { } then
        throw "imgc: a Docker manifest has no annotations; use `labels`, or `manifest oci`"
      else
        manifest;
    created = if created == "now" then builtins.currentTime else created;
    platform = platforms.${system} or (throw "imgc: no image platform is known for ${system}");
    metadata = import ./metadata.nix (packages ++ store);
    expect = {
      size = expect.size or [ ];
      layers = expect.layers or [ ];
      layerSize = expect.layerSize or [ ];
      absent = map mentioned (expect.absent or [ ]);
      present = map mentioned (expect.present or [ ]);
      noSetuid = expect.noSetuid or false;
      noWorldWritable = expect.noWorldWritable or false;
    };
  };

  image = derive "image" storeName (
    description
    // {
      content = content.out;
      plans = map (plan: plan.out) layering.plans;
      layers = map (layer: layer.out) layering.sources;
    }
  );

  # The same in one file that refers to no store path, made from what refers to none: whoever has a binary cache can
  # push with it, and fetches the store paths of those layers only that the registry lacks.
  digests = derive "digests" "${storeName}-digests.json" (
    builtins.mapAttrs (_: withoutContext) description
    // {
      content = content.digests;
      plans = map (plan: plan.digests) layering.plans;
      layers = map (layer: layer.digests) layering.sources;
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

  oci = derive "layout" "${storeName}-oci" {
    inherit image;
    blobs = map (source: derive "blobs" "blobs" { layers = [ source ]; }) layering.sources;
  };

  # All of it held against what it claims: fails where something does not hold, and names it.
  checks = check "${storeName}-checks" { inherit image; };

  outputs = {
    raw = image;
    inherit oci;
  };
in
(outputs.${output} or (throw "imgc: output is one of raw, oci, not ${output}"))
// {
  # What people build on: the parts of the image beside the image itself, and what an image on top of this one needs.
  inherit
    image
    digests
    oci
    content
    checks
    ;
  inherit (layering)
    plan
    plans
    sources
    otherLayers
    ;
  # What evaluation reads, the base's first.
  evaluated = (if base == null then [ ] else base.evaluated) ++ layering.evaluated;
  layers = layering.sources;
}
