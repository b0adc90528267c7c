# Lists the names in a package set for editors: kind, version and description.
#
# As soon as a name is evaluated, a trace prints its line `imgc-index {…}`: an error that cannot be caught, such as `abort`,
# ends the evaluation but keeps the earlier lines. The caller evaluates again from the name that failed.
#
# set          a package set
# inside       the attribute path of the set to list, as JSON
# from, count  the range of names to list; by default all
# failed       true if the first name of the range ended the last evaluation: the name is not evaluated again, and its line says that
#              it fails
# only         a JSON list of names: prints a line with all names of the set, then describes only the listed names
{
  set,
  inside ? "[]",
  from ? 0,
  count ? null,
  failed ? false,
  only ? null,
}:
let
  here = builtins.foldl' (within: name: within.${name}) set (builtins.fromJSON inside);
  all = builtins.attrNames here;
  total = builtins.length all;

  try = import ./try.nix;
  text =
    value: if builtins.isString value then builtins.unsafeDiscardStringContext value else "";

  # Types whose values are never packages. A string or a path may name a store path.
  plainTypes = [ "bool" "float" "int" "list" "null" ];
  fails = value: try true (builtins.seq value false);
  failing = name: bare name // { other = "failure"; };
  bare = name: {
    inherit name;
    kind = "other";
    version = "";
    description = "";
  };
  describe =
    name:
    let
      value = here.${name};
      isSet = try false (builtins.isAttrs value);
      isFunction = try false (builtins.isFunction value || value ? __functor);
      # A value with a store path can be used as a package.
      isPackage =
        isSet
        && try false ((value.type or null) == "derivation" || value ? outPath || value ? __toString);
      parsed = (builtins.parseDrvName (text (value.name or ""))).version;
    in
    bare name
    // (
      if isPackage then
        {
          kind = "package";
          version = try "" (text (value.version or parsed));
          description = try "" (text (value.meta.description or ""));
        }
      else if isFunction then
        { other = "function"; }
      else if isSet then
        { kind = "set"; }
      else if fails value then
        { other = "failure"; }
      else if builtins.elem (builtins.typeOf value) plainTypes then
        { other = builtins.typeOf value; }
      else
        { }
    );

  print = value: builtins.trace "imgc-index ${builtins.toJSON value}";
  # Evaluates one name after the other without keeping the results.
  printEach = builtins.foldl' (done: next: print next done) null;
  end = if count == null || from + count > total then total else from + count;
  range = builtins.genList (
    index:
    (if failed && index == 0 then failing else describe) (builtins.elemAt all (from + index))
  ) (end - from);
in
if only == null then
  print { inherit total; } (printEach range)
else
  print { names = all; } (printEach (map describe (builtins.fromJSON only)))
