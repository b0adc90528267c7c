# Images made elsewhere, as values for `base` of an image. Their layers keep their blobs unchanged.
{ derive, platform }:
let
  sourceOf = import ./source.nix { };

  # Reads a foreign image in a derivation. Returns the attributes that image.nix reads from its `base`.
  made =
    label: source:
    let
      base = derive "base" "base" {
        outputs = [
          "out"
          "digests"
        ];
        inherit label source platform;
      };
      part = file: {
        out = "${base.out}/${file}";
        digests = "${base.digests}/${file}";
      };
    in
    {
      content = part "content.json";
      plans = [ (part "plan.json") ];
      # The folder with files.json, which lists the base's files that content.json leaves out.
      foreign = "${base.out}";
      sources = [ base ];
      # Layers that no plan lists: none, since the plan of a foreign base lists all its layers.
      otherLayers = 0;
      evaluated = [ ];
      planned = [ (base.digests // { outputSpecified = true; }) ];
      # A folder with the .drv files of its layers, which the database of an image on top registers.
      derivations = [ "${base.out}/derivations" ];
    };

  platformName = import ./platform-name.nix platform;
in
# `imgc build` shows a message that begins with imgc[* base "…"] wherever the spec names that base.
{
  # reference: `registry.example.org/name:tag`; platforms: { "linux/amd64" = { manifest, config, layers }; }, digests as in
  # imgc.lock.
  registry =
    { reference, platforms }:
    let
      pinned =
        platforms.${platformName}
          or (throw "imgc[* base ${builtins.toJSON reference}]: the base ${reference} is pinned for ${toString (builtins.attrNames platforms)}, not for ${platformName}; run `imgc lock`, which pins that platform if the base has it");
      blob = import ./blob.nix { inherit derive; } reference;
    in
    made reference {
      manifest = "${blob "manifests" pinned.manifest}";
      config = "${blob "blobs" pinned.config}";
      layers = map (digest: {
        inherit digest;
        file = "${blob "blobs" digest}";
      }) pinned.layers;
    }
    // {
      origin = {
        name = reference;
        digest = pinned.manifest;
      };
    };

  # An image of imgc for one or several platforms.
  image =
    value:
    if value ? byPlatform then
      value.byPlatform.${platformName}
        or (throw "imgc: the base is for ${toString (builtins.attrNames value.byPlatform)}, not for ${platformName}; add it to the base's `platforms`")
    else
      value;

  # A docker-archive or oci-archive, compressed or not.
  archive = path: made (baseNameOf path) (sourceOf path);
  # An OCI layout.
  layout = path: made (baseNameOf path) (sourceOf path);

  # An image of imgc, or a derivation whose output is an archive or a layout.
  nix =
    value:
    if value ? plans && value ? sources then
      value
    else if value ? outPath || builtins.isString value || builtins.isPath value then
      made value.name or (baseNameOf value) (sourceOf value)
    else
      throw "imgc[* base \"nix\"]: the expression's value, of type ${builtins.typeOf value}, is not a base; use an image of imgc, or a derivation whose output is an archive or an OCI layout";
}
