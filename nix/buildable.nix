# What it takes to build packages again after a change of their source: everything their derivations name, with what that
# needs to run, and the derivations themselves with their sources. What those inputs were built with is not in it.
#
# Two files: `out` lists the derivations and sources, `inputs` refers to what they are built from.
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
    # The files alone, not what they build.
    roots = map (package: builtins.unsafeDiscardOutputDependency package.drvPath) packages;
    # Every input is named by an attribute: that is how Nix itself finds them.
    attributes = map (package: builtins.toJSON package.drvAttrs) packages;
  }
