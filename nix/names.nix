# Packages that are only named, never built: what must be absent is no reason to fetch it.
let
  outputs = import ./outputs.nix;
  plain = builtins.unsafeDiscardStringContext;

  # `others` are outputs that are not meant.
  describe =
    others: value:
    let
      selected = outputs.selected value;
      all = value.outputs or [ ];
      meant = builtins.filter (output: !builtins.elem output others) all;
      fileName = builtins.substring 33 (-1) (baseNameOf (plain (builtins.head (outputs.every value))));
    in
    {
      name = value.pname or (builtins.parseDrvName (value.name or fileName)).name;
      paths = map plain (
        if selected == null && others != [ ] then
          map (output: toString value.${output}) meant
        else
          outputs.every value
      );
    }
    // (if selected == null then { } else { output = selected; })
    // (
      if selected == "out" then
        { others = builtins.filter (output: output != "out") all; }
      else if others != [ ] then
        { inherit others; }
      else
        { }
    );

  isPackage = value: (builtins.tryEval (builtins.isAttrs value && value ? outPath)).value;
  # What a wrapper wraps, by the names that nixpkgs gives it. A compiler's wrapper has its linker's beside it.
  wrappedBy =
    package:
    if !builtins.isAttrs package || outputs.selected package != null then
      [ ]
    else
      builtins.filter isPackage (
        if package ? cc then
          [ package.cc ]
        else if package ? bintools then
          [ package.bintools ]
        else if package ? unwrapped then
          [ package.unwrapped ]
        else
          [ ]
      );
  # Programs run with the libraries of a compiler: these are no compiler.
  isLibrary = output: builtins.substring 0 3 output == "lib";
  withWrapped =
    package:
    [ (describe [ ] package) ]
    ++ map (item: describe (builtins.filter isLibrary item.package.outputs or [ ]) item.package // { wrapped = true; }) (
      builtins.genericClosure {
        startSet = map node (wrappedBy package);
        operator = item: map node (wrappedBy item.package);
      }
    );
  node = package: {
    key = plain package.outPath;
    inherit package;
  };
in
{
  # { name, paths }, and which output where one was selected.
  named = describe [ ];
  # The same for a package and all that it wraps.
  inherit withWrapped;
  # The same as one: any of them will do.
  anyOf = package: describe [ ] package // { paths = builtins.concatMap (each: each.paths) (withWrapped package); };
}
