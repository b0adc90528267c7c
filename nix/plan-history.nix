# Selects the records of imgc.lock that a plan depends on.
#
# A build records its plan in the lock. If the next build planned with the new records, it would plan again without a reason.
# So the lock also has the inputs of the recorded plan, and beside each changed record the record that it replaced
# (src/lock/layers.ts). As long as the inputs are the same, the plan depends on the replaced records.
{
  # The image's part of `layers` in imgc.lock, or null.
  lock,
  platform,
  # All values from which the closure results: packages, files, bases and the builder.
  sources,
  # The other arguments of the planner, without packages.
  settings,
}:
let
  hashLength = 5;
  piece = builtins.substring 0 hashLength;
  # The name of a store path, with the first characters of its hash.
  input =
    path:
    let
      base = builtins.substring (builtins.stringLength builtins.storeDir + 1) (-1) path;
    in
    {
      name = builtins.substring 33 (-1) base;
      hash = piece base;
    };
  context = builtins.attrNames (builtins.getContext (builtins.toJSON sources));
  inputs =
    builtins.mapAttrs (_: same: builtins.concatStringsSep "" (map ({ hash, ... }: hash) same)) (
      builtins.groupBy ({ name, ... }: name) (map input context)
    )
    // {
      settings = piece (builtins.hashString "sha256" (builtins.toJSON settings));
    };
  isRecorded = lock.usedInputs.${platform} or null == inputs;
  before = lock.before or null;

  # A record is "NOW", or "NOW; before REPLACED".
  select =
    text:
    let
      parts = builtins.split "; before " text;
    in
    builtins.elemAt parts (if isRecorded then builtins.length parts - 1 else 0);
  records =
    texts:
    let
      selected = builtins.mapAttrs (_: select) texts;
    in
    removeAttrs selected (
      builtins.filter (name: selected.${name} == "none") (builtins.attrNames selected)
    );
in
{
  inherit inputs;
  # The selected records; null without any.
  lock =
    if lock == null || (isRecorded && before == null) then
      null
    else
      {
        rebuilds = if isRecorded then before else lock.rebuilds;
        contents = records lock.contents;
        packages = records lock.packages;
        shared = records (lock.shared or { });
      };
}
