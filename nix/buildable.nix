# The derivations of packages and the inputs for building them again after a change of their source, without the build-time
# dependencies of those inputs.
#
# Two files: `out` lists the derivations and their sources, `inputs` refers to the inputs.
{ derive, storeName }:
packages:
if packages == [ ] then
  null
else
  derive "derivations" "${storeName}-derivations" {
    outputs = [
      "out"
      "inputs"
    ];
    # The .drv files without their outputs.
    roots = map (package: builtins.unsafeDiscardOutputDependency package.drvPath) packages;
    # Nix finds the inputs in the text of the attributes.
    attributes = map (package: builtins.toJSON package.drvAttrs) packages;
  }
