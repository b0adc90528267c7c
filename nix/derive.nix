# Derivations whose builder is Node itself: no shell, no stdenv, arguments as typed JSON.
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

  # action: what the builder does; arguments: what it is told (src/builder/actions/<action>.ts says which).
  derive = run (program "builder.mjs" ../dist/builder.mjs);
  extract = run (program "extractor.mjs" ../dist/extractor.mjs) "extract";
  check = run (program "checker.mjs" ../dist/checker.mjs) "checks";
}
