# Images made elsewhere, each as what `base` of an image takes: its layers stay the blobs they are.
{ derive, platform }:
let
  sourceOf = import ./source.nix { };

  # What the builder found out about it, in the form that images of our own have it.
  made =
    shown: source:
    let
      base = derive "base" "base" {
        outputs = [
          "out"
          "digests"
        ];
        inherit shown source platform;
      };
      part = file: {
        out = "${base.out}/${file}";
        digests = "${base.digests}/${file}";
      };
    in
    {
      content = part "content.json";
      plans = [ (part "plan.json") ];
      # The files that are missing from its content file.
      foreign = "${base.out}";
      sources = [ base ];
      # All its layers stand in its plan.
      otherLayers = 0;
      evaluated = [ ];
      # What its database registers of them must be read again.
      derivations = [ "${base.out}/derivations" ];
    };

  platformName = import ./platform-name.nix platform;
in
# `imgc build` shows messages that begin with imgc[* base "…"] at the places of that base in the spec.
{
  # reference: where the blobs are fetched, `registry.example.org/name:tag`; platforms: { "linux/amd64" = { manifest,
  # config, layers }; }, digests all.
  registry =
    { reference, platforms }:
    let
      pinned =
        platforms.${platformName}
          or (throw "imgc[* base ${builtins.toJSON reference}]: the base ${reference} is pinned for ${toString (builtins.attrNames platforms)}, not for ${platformName}; `imgc lock` pins it if it has that platform");
      blob = import ./blob.nix { inherit derive; } reference;
    in
    made reference {
      manifest = "${blob "manifests" pinned.manifest}";
      config = "${blob "blobs" pinned.config}";
      layers = map (digest: {
        inherit digest;
        file = "${blob "blobs" digest}";
      }) pinned.layers;
    };

  # One of ours that is for several platforms.
  image =
    value:
    if value ? byPlatform then
      value.byPlatform.${platformName}
        or (throw "imgc: the base is for ${toString (builtins.attrNames value.byPlatform)}, not for ${platformName}; add it to the base's `platforms`")
    else
      value;

  # A docker-archive or an oci-archive, compressed or not; an OCI layout.
  archive = path: made (baseNameOf path) (sourceOf path);
  layout = path: made (baseNameOf path) (sourceOf path);

  # An image of ours, or a derivation whose output is an archive or a layout.
  nix =
    value:
    if value ? plans && value ? sources then
      value
    else if value ? outPath || builtins.isString value || builtins.isPath value then
      made value.name or (baseNameOf value) (sourceOf value)
    else
      throw "imgc[* base \"nix\"]: a base from an expression is an image of imgc, or a derivation that makes an archive or an OCI layout";
}
