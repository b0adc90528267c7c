# The store paths with which Nix inside an image can build packages again after a change of their source. The build-time
# dependencies of the packages' inputs are left out.
#
# Two outputs: `out` lists the closure of the packages' .drv files; `inputs` is a text that names the packages' inputs, so that
# they are in its closure.
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
    # Depends on the .drv files, but not on their outputs.
    roots = map (package: builtins.unsafeDiscardOutputDependency package.drvPath) packages;
    # The builder writes these texts to `inputs`, where Nix finds the store paths of the inputs.
    attributes = map (package: builtins.toJSON package.drvAttrs) packages;
  }
