# The inputs of a package: the values of the attributes that stdenv, compilers and other wrappers use for inputs.
let
  try = import ./try.nix;
  names = [
    "buildInputs"
    "propagatedBuildInputs"
    "depsBuildBuild"
    "depsBuildBuildPropagated"
    "depsBuildTarget"
    "depsBuildTargetPropagated"
    "depsHostHost"
    "depsHostHostPropagated"
    "depsTargetTarget"
    "depsTargetTargetPropagated"
    "nativeBuildInputs"
    "propagatedNativeBuildInputs"
    "paths"
    "unwrapped"
    "cc"
    "bintools"
    "libc"
    "stdenv"
  ];
  listOf = value: if builtins.isList value then value else [ value ];
in
package:
builtins.concatMap (name: try [ ] (listOf (package.${name} or [ ]))) names
