# Evaluates the packages and expressions of a spec one by one, to explain a failed evaluation.
#
#   [ { id = 3; set = pkgs; path = [ "python3Packages" "flask" ]; force = "path"; } { id = 4; value = …; force = null; } ]
#
# `tryEval` cannot catch every failure, so a trace prints a part's id before the part is evaluated: the last id names the
# failing part. `force = "path"` also evaluates a package's store path. If this fails, the caller tries `force = "inputs"`,
# which searches the package's inputs for refused packages, and at last `force = null`, which evaluates neither.
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

  # The reasons why nixpkgs refuses a package. Each attribute of the package may be missing or throw.
  describe =
    value:
    let
      meta = try { } (if builtins.isAttrs (value.meta or { }) then value.meta or { } else { });
      license = try null (meta.license or null);
      first = try null (if builtins.isList license then builtins.head (license ++ [ null ]) else license);
      vulnerabilities = try [ ] (meta.knownVulnerabilities or [ ]);
      # These flags are also true for packages that the options allow.
      isRefused = !(flag (meta.available or false));
    in
    {
      name = text (value.name or null);
      pname = text (value.pname or (builtins.parseDrvName value.name).name);
      unfree = isRefused && flag (meta.unfree or false);
      insecure = isRefused && flag (meta.insecure or (vulnerabilities != [ ]));
      broken = isRefused && flag (meta.broken or false);
      # The package does not support the platform of the set.
      unsupported = isRefused && flag (meta.unsupported or false);
      license = text (if builtins.isAttrs first then first.shortName or first.fullName or null else first);
      vulnerabilities = builtins.filter (each: each != null) (try [ ] (map text vulnerabilities));
    };

  fails = package: try true (builtins.stringLength "${package}" < 0);
  isPackage = value: try false (builtins.isAttrs value && value ? outPath);
  failingInputs = package: builtins.filter (each: isPackage each && fails each) (inputsOf package);
  # Follows a package's failing inputs, and their failing inputs. Returns those that nixpkgs refuses.
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
    builtins.filter (each: each.unfree || each.insecure || each.broken || each.unsupported) (
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
      # Named so that it is evaluated last: `deepSeq` evaluates attributes in the order of their names.
      zForced = forced;
    };
in
map (probe: builtins.trace "imgc probe ${toString probe.id}" (facts probe)) probes
