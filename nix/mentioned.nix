# The store paths that a string mentions, each with the string's context, so that it can be a root of a closure.
text:
let
  pattern = "(${builtins.storeDir}/[0-9a-df-np-sv-z]{32}-[-+_?=.0-9a-zA-Z]+)";
  # `split` drops the context; an empty piece of the string brings it back.
  withContext = match: builtins.substring 0 0 text + builtins.head match;
in
if builtins.hasContext text then
  map withContext (builtins.filter builtins.isList (builtins.split pattern text))
else
  [ ]
