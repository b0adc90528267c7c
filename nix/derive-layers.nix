# Like `derive`, for an action that makes recipes of layers. If there are two forms, the attribute `zstd` has the paths of the
# second form's recipes in each output.
{
  derive,
  # A compression for each form of the layers.
  forms,
  # The outputs of each derivation.
  outputs,
}:
action: name: arguments:
let
  made = derive action name (arguments // { inherit forms outputs; });
in
made
// (
  if builtins.length forms == 1 then
    { }
  else
    {
      zstd = {
        out = "${made.out}/zstd";
        digests = "${made.digests}/zstd";
      };
    }
)
