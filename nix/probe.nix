# Evaluates the packages and expressions of a spec one by one, to explain a failed evaluation.
#
#   [ { id = 3; set = pkgs; path = [ "python3Packages" "flask" ]; force = "path"; } { id = 4; value = …; force = null; } ]
#
# Not every failure can be caught, so a trace names each part before it is evaluated. `force = "path"` also evaluates a package's
# store path, and `"inputs"` its inputs, to find inputs that fail. `null` is for packages for which neither can be evaluated.
probes:
let
  try = import ./try.nix;
  inputsOf = import ./inputs.nix;
  plain = builtins.unsafeDiscardStringContext;
  text = value: try null (if builtins.isString value then plain value else null);
  flag = value: try false (builtins.isBool value && value);

  # Follows an attribute path as far as it exists.
  walk =
    set: path:
    builtins.foldl' (
      { value, missing, names, depth }:
      name:
      if missing != null then
        {
          inherit
            value
            missing
            names
            depth
            ;
        }
      else if builtins.isAttrs value && value ? ${name} then
        {
          value = value.${name};
          inherit missing names;
          depth = depth + 1;
        }
      else
        {
          inherit value depth;
          missing = name;
          names = if builtins.isAttrs value then builtins.attrNames value else [ ];
        }
    ) (start set) path;
  start = value: {
    inherit value;
    # The first missing name, the names that exist there, and the number of names before it.
    missing = null;
    names = [ ];
    depth = 0;
  };

  kindOf =
    value:
    if builtins.isFunction value then
      "function"
    else if builtins.isString value then
      (if (builtins.tryEval (import ./in-store.nix value)).success then "string" else "text")
    else if !builtins.isAttrs value then
      builtins.typeOf value
    else if value ? outPath || value ? __toString then
      "package"
    else if value ? __functor then
      "function"
    else
      "set";

  # Why nixpkgs refuses a package; each attribute may be missing or throw.
  describe =
    value:
    let
      meta = try { } (if builtins.isAttrs (value.meta or { }) then value.meta or { } else { });
      license = try null (meta.license or null);
      first = try null (if builtins.isList license then builtins.head (license ++ [ null ]) else license);
      vulnerabilities = try [ ] (meta.knownVulnerabilities or [ ]);
      # `unfree`, `insecure` and `broken` are also true for packages that the options allow.
      isRefused = !(flag (meta.available or false));
    in
    {
      name = text (value.name or null);
      pname = text (value.pname or (builtins.parseDrvName value.name).name);
      unfree = isRefused && flag (meta.unfree or false);
      insecure = isRefused && flag (meta.insecure or (vulnerabilities != [ ]));
      broken = isRefused && flag (meta.broken or false);
      license = text (if builtins.isAttrs first then first.shortName or first.fullName or null else first);
      vulnerabilities = builtins.filter (each: each != null) (try [ ] (map text vulnerabilities));
    };

  fails = package: try true (builtins.stringLength "${package}" < 0);
  isPackage = value: try false (builtins.isAttrs value && value ? outPath);
  failingInputs = package: builtins.filter (each: isPackage each && fails each) (inputsOf package);
  # The packages that nixpkgs refuses among the inputs through which a package fails, directly or not.
  refused =
    package:
    let
      node = each: {
        key = toString (text (each.name or null));
        package = each;
      };
      all = builtins.genericClosure {
        startSet = map node (failingInputs package);
        operator = item: map node (failingInputs item.package);
      };
    in
    builtins.filter (each: each.unfree || each.insecure || each.broken) (
      map (item: describe item.package) all
    );

  facts =
    { id, force, ... }@probe:
    let
      reached = if probe ? path then walk probe.set probe.path else start probe.value;
      inherit (reached)
        value
        missing
        names
        depth
        ;
      kind = if missing != null then "missing" else try "fails" (kindOf value);
      forced = if force == "path" && kind == "package" then builtins.stringLength "${value}" else 0;
    in
    {
      inherit
        id
        missing
        names
        depth
        ;
      kind = if force == "path" && missing == null then kindOf value else kind;
      package = if kind == "package" then describe value else null;
      needs = if kind == "package" && force == "inputs" && builtins.isAttrs value then refused value else [ ];
      arguments =
        if kind == "function" && builtins.isFunction value then
          let
            hasDefault = builtins.functionArgs value;
          in
          builtins.filter (name: !hasDefault.${name}) (builtins.attrNames hasDefault)
        else
          [ ];
      # Forced last: `deepSeq` evaluates attributes in the order of their names.
      zForced = forced;
    };
in
map (probe: builtins.trace "imgc probe ${toString probe.id}" (facts probe)) probes
