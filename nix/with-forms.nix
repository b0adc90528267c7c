# A derivation that makes layers. If the layers have two forms, `zstd` has the places of the second form's recipes.
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
