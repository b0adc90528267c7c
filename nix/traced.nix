# Prints a trace for each image that is evaluated, which imgc reads (src/nix/log.ts): it tells which output belongs to which
# image, how many layers there are, the inputs of the plans, and the plan of the image without its bases.
images:
let
  traced =
    attribute: image:
    let
      parts = if image ? byPlatform then builtins.attrValues image.byPlatform else [ image ];
      # The derivation of the image comes first, so that a failing evaluation reports the same error as without the trace.
      facts = {
        inherit attribute;
        derivation = image.drvPath;
        image = image.image.drvPath;
        inherit (image) inputs;
        plan = toString image.ownPlan;
        sources = map (source: {
          derivation = source.drvPath;
          output = (source.batch or source).outPath;
        }) (builtins.concatMap (part: part.sources) parts);
      };
    in
    builtins.seq image.drvPath (builtins.trace "imgc ${builtins.toJSON facts}" image);
in
if images ? outPath then traced "" images else builtins.mapAttrs traced images
