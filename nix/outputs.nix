# The outputs that a package stands for, as store paths that depend on them. A package may also be a path, or text that
# names one.
let
  hasOutputs = value: builtins.isAttrs value && value ? outputs && value ? outPath;

  # nixpkgs marks `p.dev`; of a bare derivation, only an output other than its first can be told from the package.
  isSelected =
    package:
    package.outputSpecified or (
      (package.outputName or (builtins.head package.outputs)) != builtins.head package.outputs
    );
  isWhole = value: hasOutputs value && !isSelected value;

  # `meta` may throw, and may name outputs that are not there.
  toInstall =
    package:
    let
      wanted = builtins.tryEval (package.meta.outputsToInstall or [ ]);
    in
    if wanted.success && builtins.isList wanted.value then
      builtins.filter (output: builtins.elem output package.outputs) wanted.value
    else
      [ ];

  # The first of `names` that the package has as an output; else its first output.
  firstOf =
    names: package:
    builtins.head (builtins.filter (name: builtins.elem name package.outputs) names ++ package.outputs);

  pathOf = import ./in-store.nix;
  pathsOf =
    choose: value:
    if isWhole value then map (output: pathOf value.${output}) (choose value) else [ (pathOf value) ];
in
{
  # The output that was selected, such as `dev` of `openssl.dev`; null for a whole package.
  selected = value: if hasOutputs value && isSelected value then value.outputName else null;

  # What `nix-env -i` and `buildEnv` install, and stdenv's own choice where `meta` does not say.
  installed = pathsOf (
    package:
    if toInstall package != [ ] then
      toInstall package
    else if package ? meta then
      [
        (firstOf [
          "bin"
          "out"
        ] package)
      ]
    else
      [ (builtins.head package.outputs) ]
  );

  # What other packages are linked with.
  library = pathsOf (package: [
    (firstOf [
      "lib"
      "out"
    ] package)
  ]);

  every = pathsOf (package: package.outputs);
}
