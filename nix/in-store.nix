# Converts a package, a path or a string to a store path, and throws if the string names no store path.
value:
let
  path = "${value}";
  start = "${builtins.storeDir}/";
in
if builtins.substring 0 (builtins.stringLength start) path == start then
  path
else
  throw "the text ${builtins.toJSON path} names no store path"
