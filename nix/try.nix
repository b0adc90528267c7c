# The value, or `default` if evaluating the value throws. Aborts and other errors are not caught.
default: value:
let
  tried = builtins.tryEval value;
in
if tried.success then tried.value else default
