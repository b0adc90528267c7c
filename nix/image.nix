# An image as a small directory: its config, its manifest, and what each layer is made of. Nothing is copied.
#
# A plan derivation says which path goes into which layer; the expression reads it (import from derivation) and makes
# one derivation per layer from exactly that layer's paths. When one package changes, the other layers are found as
# they were.
{ derive, system }:
{
  # The repository's name, and the tag (null: a hash of the content).
  name,
  tag ? null,
  # Another image made by this function; its layers lie below.
  base ? null,
  # Linked at /; in the store only.
  packages ? [ ],
  store ? [ ],
  files ? { },
  config ? { },
  layers ? { },
  output ? "raw",
  manifest ? "oci",
  compression ? { },
  created ? "1970-01-01T00:00:01Z",
  expect ? { },
}:
let
  storeName = builtins.replaceStrings [ "/" ":" ] [ "-" "-" ] name;

  compressionOrDefault = {
    algorithm = compression.algorithm or (if manifest == "docker" then "gzip" else "zstd");
    level = compression.level or null;
  };

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

  rootFiles = import ./files.nix files;
  runConfig = import ./run-config.nix config;
  mentioned = import ./mentioned.nix;
  packagePaths = map toString packages;

  # What strings name must be in the image as well: an entry point, a link's target, a text.
  roots =
    packagePaths
    ++ map toString store
    ++ mentioned (builtins.toJSON runConfig)
    ++ builtins.concatMap (file: mentioned (file.text or file.target or "")) rootFiles;
  sources = builtins.concatMap (file: if file.kind == "copy" then [ file.source ] else [ ]) rootFiles;

  bases = if base == null then [ ] else [ base ] ++ base.bases;

  plan = derive "plan" "${storeName}-plan.json" {
    packages = packagePaths;
    inherit roots;
    files = rootFiles;
    steps = import ./steps.nix (layers.steps or [ { auto = true; } ]);
    max = layers.max or 100;
    bases = map (image: image.plan) bases;
    exportReferencesGraph.closure = roots ++ sources;
  };
  planned = builtins.fromJSON (builtins.unsafeDiscardStringContext (builtins.readFile plan));

  # The plan names paths without context; a layer's derivation must depend on its own paths, and on no other.
  withContext = path: builtins.appendContext path { ${path}.path = true; };

  layer =
    arguments:
    derive "layer" "layer.json" (
      {
        paths = [ ];
        root = null;
        compression = compressionOrDefault;
      }
      // arguments
    );
  storeLayers = map (
    { name, paths }:
    layer {
      label = name;
      paths = map withContext paths;
    }
  ) planned.layers;
  rootLayers =
    if planned.root == [ ] then
      [ ]
    else
      [
        (layer {
          label = "files";
          root = plan;
        })
      ];
  allLayers = (if base == null then [ ] else base.layers) ++ storeLayers ++ rootLayers;

  # Only named, never built: what must be absent is no reason to fetch it.
  named = package: {
    name = package.pname or (builtins.parseDrvName package.name).name;
    paths = map (output: builtins.unsafeDiscardStringContext package.${output}.outPath) (
      package.outputs or [ "out" ]
    );
  };

  image = derive "image" storeName {
    imageName = name;
    inherit tag created manifest;
    platform = platforms.${system} or (throw "imgc: no image platform is known for ${system}");
    config = runConfig;
    inherit plan;
    base = if base == null then null else base.image;
    layers = allLayers;
    expect = {
      size = expect.size or [ ];
      layers = expect.layers or [ ];
      absent = map named (expect.absent or [ ]);
    };
  };

  oci = derive "layout" "${storeName}-oci" {
    inherit image;
    blobs = map (layer: {
      inherit layer;
      blob = derive "blob" "layer.tar" { inherit layer; };
    }) allLayers;
  };

  outputs = {
    raw = image;
    inherit oci;
  };

  # What people build on: the parts of the image beside the image itself.
  parts = {
    inherit
      plan
      image
      oci
      bases
      ;
    layers = allLayers;
  };
in
(outputs.${output} or (throw "imgc: output is one of raw, oci, not ${output}")) // parts
