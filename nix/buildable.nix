# What it takes to build packages again after a change of their source: everything their derivations name, with what that
# needs to run, and the derivations themselves with their sources. What those inputs were built with is not in it.
{ derive, storeName }:
packages:
let
  isDerivation = path: builtins.match ".*\\.drv" path != null;
  withContext = path: context: builtins.appendContext path { ${path} = context; };

  # A package's inputs are what the strings of its attributes stand for; Nix finds them in the same way.
  inputsOf =
    package:
    let
      context = builtins.getContext (builtins.toJSON package.drvAttrs);
      outputs =
        path:
        let
          input = import (withContext path { path = true; });
        in
        map (output: "${input.${output}}") (context.${path}.outputs or [ ]);
    in
    builtins.concatMap (
      path:
      if isDerivation path then outputs path else [ (withContext path context.${path}) ]
    ) (builtins.attrNames context);
in
{
  inputs = builtins.concatMap inputsOf packages;

  # The file alone, not what it builds.
  derivations =
    if packages == [ ] then
      null
    else
      derive "derivations" "${storeName}-derivations.json" {
        roots = map (package: builtins.unsafeDiscardOutputDependency package.drvPath) packages;
      };
}
