# Returns the value, or `default` if its evaluation throws. Aborts and other errors are not caught.
default: value:
let
  tried = builtins.tryEval value;
in
if tried.success then tried.value else default
