# Whether a rule of `permissions` can fit something of the store, so that the layers depend on it.
glob:
let
  startsWith = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  literal = builtins.head (builtins.match "([^*?[{]*).*" glob);
  below = "${builtins.storeDir}/";
in
startsWith below literal || startsWith (if literal == glob then "${literal}/" else literal) below
