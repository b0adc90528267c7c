# Describes packages that a spec names in `expect` or `layers`, without building them: a package that must be absent need not
# be fetched.
let
  outputs = import ./outputs.nix;
  plain = builtins.unsafeDiscardStringContext;

  # `others`: outputs that do not count as the package.
  describe =
    others: value:
    let
      selected = outputs.selected value;
      all = value.outputs or [ ];
      chosen = builtins.filter (output: !builtins.elem output others) all;
      fileName = builtins.substring 33 (-1) (baseNameOf (plain (builtins.head (outputs.every value))));
    in
    {
      name = value.pname or (builtins.parseDrvName (value.name or fileName)).name;
      paths = map plain (
        if selected == null && others != [ ] then
          map (output: toString value.${output}) chosen
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

  isPackage = value: import ./try.nix false (builtins.isAttrs value && value ? outPath);
  # The package that a wrapper of nixpkgs wraps. A compiler's wrapper has `bintools` as well, but wraps only `cc`.
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
  # Programs need the libraries of a compiler at run time; these outputs do not count as the compiler.
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
  # { name, paths }, and the output if one was selected.
  named = describe [ ];
  # A list with such an entry for the package and for each package that it wraps.
  inherit withWrapped;
  # A single entry with the paths of the package and of all packages that it wraps. One path in the image satisfies it.
  anyOf = package: describe [ ] package // { paths = builtins.concatMap (each: each.paths) (withWrapped package); };
}
