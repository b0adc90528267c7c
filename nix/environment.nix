# The build environment of packages, for `shell`. This derivation has the attributes of the first package's derivation and the
# inputs of all packages. Nix sets the environment, and the builder writes it into the output.
{ derive, storeName }:
packages:
let
  first = builtins.head packages;
  isInputs = name: builtins.match "deps[A-Z].*|.*[iI]nputs" name != null;
  inputs = builtins.foldl' (
    all: package:
    all
    // builtins.mapAttrs (name: value: all.${name} or [ ] ++ value) (
      builtins.listToAttrs (
        map (name: {
          inherit name;
          value = package.drvAttrs.${name};
        }) (
          builtins.filter (
            name: isInputs name && builtins.isList package.drvAttrs.${name}
          ) (builtins.attrNames package.drvAttrs)
        )
      )
    )
  ) { } packages;
  attributes = first.drvAttrs // inputs;
in
derive "environment" "${storeName}-environment.json" (
  # Without attributes that concern the package's output, or the machine that builds it.
  builtins.removeAttrs attributes [
    "args"
    "builder"
    "name"
    "system"
    "allowSubstitutes"
    "allowedReferences"
    "allowedRequisites"
    "disallowedReferences"
    "disallowedRequisites"
    "outputChecks"
    "outputHash"
    "outputHashAlgo"
    "outputHashMode"
    "preferLocalBuild"
    "requiredSystemFeatures"
    "__contentAddressed"
    "__noChroot"
  ]
  // {
    __structuredAttrs = attributes.__structuredAttrs or false;
    # The package's own values of the attributes that this derivation sets to other values.
    imgc = builtins.toJSON {
      inherit (attributes) builder name system;
      args = attributes.args or [ ];
      outputs = builtins.listToAttrs (
        map (output: {
          name = output;
          value = builtins.unsafeDiscardStringContext first.${output}.outPath;
        }) (attributes.outputs or [ "out" ])
      );
    };
  }
)
