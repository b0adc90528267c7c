# Converts a package, a path, or the text of a store path to that store path.
value:
let
  path = "${value}";
  start = "${builtins.storeDir}/";
in
if builtins.substring 0 (builtins.stringLength start) path == start then
  path
else
  throw "the text ${builtins.toJSON path} names no store path"
