# Whether a glob of `permissions` can match a file in the store. If not, layers of store paths do not depend on the rules.
glob:
let
  startsWith = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  literal = builtins.head (builtins.match "([^*?[{]*).*" glob);
  below = "${builtins.storeDir}/";
in
startsWith below literal || startsWith (if literal == glob then "${literal}/" else literal) below
