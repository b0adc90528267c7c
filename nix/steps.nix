# Converts the steps of `layers` to the planner's form.
#
#   { layer = "runtime"; packages = [ pkgs.glibc ]; }   { layer = "app"; only = [ pkgs.app ]; }
#   { layer = "libs"; packages = [ … ]; steps = [ { group = 5; } { each = "all"; } ]; comment = "…"; }
#   { group = 10; }   { each = 20; }   { each = "all"; }   { auto = true; }   { rest = true; }
let
  outputs = import ./outputs.nix;
  one =
    step:
    if step ? layer then
      {
        kind = "layer";
        name = step.layer;
        # All outputs, without context: the step takes the outputs that the image contains. If the image contains none of them,
        # `fallbacks` in layers.nix adds one.
        packages = map builtins.unsafeDiscardStringContext (
          builtins.concatMap outputs.every (step.packages or step.only)
        );
        only = step ? only;
        steps = map one (step.steps or [ ]);
        comment = step.comment or null;
      }
    else if step ? group then
      {
        kind = "group";
        count = step.group;
      }
    else if step ? each then
      {
        kind = "each";
        count = if step.each == "all" then null else step.each;
      }
    else if step ? auto then
      { kind = "auto"; }
    else if step ? rest then
      { kind = "rest"; }
    else
      throw "imgc: a step of layers is one of layer, group, each, auto, rest";
in
map one
