# Adds `zstd` to a derivation that makes layers in two forms: the paths of the second form's recipes in each output.
forms: made:
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
