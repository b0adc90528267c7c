# Derivations whose builder is Node.js: no shell, no stdenv, arguments as JSON (structured attributes).
{ nodejs }:
let
  # One bundle for each purpose, so that a change of the command line, the checker or the extractor rebuilds no layer.
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
in
{
  inherit (nodejs) system;

  # Takes an action, a name and arguments; src/builder/actions/ACTION.ts has the arguments of each action.
  derive = run (program "builder.mjs" ../dist/builder.mjs);
  extract = run (program "extractor.mjs" ../dist/extractor.mjs) "extract";
  check = run (program "checker.mjs" ../dist/checker.mjs) "checks";
}
