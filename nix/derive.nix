# Derivations whose builder is Node.js: no shell, no stdenv, arguments as JSON (structured attributes).
{ nodejs }:
let
  # Each purpose has a bundle, so that layers are made again only if the bundle for layers changes.
  program =
    name: path:
    builtins.path {
      name = "imgc-${name}";
      inherit path;
    };
  run =
    program: action: name: arguments:
    derivation (
      {
        inherit name;
        inherit (nodejs) system;
        builder = "${nodejs}/bin/node";
        args = [
          program
          action
        ];
        __structuredAttrs = true;
      }
      // arguments
    );
  builder = program "builder.cjs" ../dist/builder.cjs;
  layer = program "layer.cjs" ../dist/layer.cjs;
in
{
  inherit (nodejs) system;

  # Takes an action, a name and arguments; src/builder/actions/ACTION.ts has the arguments of each action.
  derive = action: run (if action == "layer" || action == "layers" then layer else builder) action;
  extract = run (program "extractor.cjs" ../dist/extractor.cjs) "extract";
  check = run (program "checker.cjs" ../dist/checker.cjs) "checks";
}
