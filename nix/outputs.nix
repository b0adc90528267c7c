# The selected outputs of a package, as store paths with context. A package may also be a path, or the text of a store path.
let
  hasOutputs = value: builtins.isAttrs value && value ? outputs && value ? outPath;

  # nixpkgs marks a selection such as `p.dev`. In a bare derivation, only outputs other than the first can be recognised.
  isSelected =
    package:
    package.outputSpecified or (
      (package.outputName or (builtins.head package.outputs)) != builtins.head package.outputs
    );
  isWhole = value: hasOutputs value && !isSelected value;

  # `meta` may throw, and may list outputs that the package lacks.
  toInstall =
    package:
    let
      wanted = import ./try.nix null (package.meta.outputsToInstall or [ ]);
    in
    if builtins.isList wanted then
      builtins.filter (output: builtins.elem output package.outputs) wanted
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
  # The selected output, such as `dev` in `openssl.dev`; null for a whole package.
  selected = value: if hasOutputs value && isSelected value then value.outputName else null;

  # The outputs that `nix-env -i` and `buildEnv` install; stdenv's default if `meta` does not list them.
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

  # The outputs that other packages link with.
  library = pathsOf (package: [
    (firstOf [
      "lib"
      "out"
    ] package)
  ]);

  every = pathsOf (package: package.outputs);
}
