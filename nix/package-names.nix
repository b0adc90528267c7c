# The names of a package set, or of a set inside of it, for editors: what each is, its version and description. What
# cannot be evaluated is there with its name alone.
#
# set: an expression; inside: the way to the set that is meant, as JSON; from, count: a stretch of its names, all by
# default; bare: evaluate none of them, since not every mistake in one can be caught here.
{
  set,
  inside ? "[]",
  from ? 0,
  count ? null,
  bare ? false,
}:
let
  here = builtins.foldl' (within: name: within.${name}) set (builtins.fromJSON inside);
  names = builtins.attrNames here;
  total = builtins.length names;
  end = if count == null then total else from + count;

  try =
    value: default:
    let
      tried = builtins.tryEval value;
    in
    if tried.success then tried.value else default;
  text =
    value: if builtins.isString value then builtins.unsafeDiscardStringContext value else "";

  bareName = name: {
    inherit name;
    kind = "other";
    version = "";
    description = "";
  };
  describe =
    name:
    let
      value = here.${name};
      isSet = try (builtins.isAttrs value) false;
      isPackage = isSet && try ((value.type or null) == "derivation") false;
      parsed = (builtins.parseDrvName (text (value.name or ""))).version;
    in
    bareName name
    // (
      if isPackage then
        {
          kind = "package";
          version = try (text (value.version or parsed)) "";
          description = try (text (value.meta.description or "")) "";
        }
      else if isSet then
        { kind = "set"; }
      else
        { }
    );
in
{
  inherit total;
  names = builtins.genList (
    index: (if bare then bareName else describe) (builtins.elemAt names (from + index))
  ) (end - from);
}
