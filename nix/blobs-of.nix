# A folder with the compressed bytes of the layers of one source; if the layers have two forms, those of both.
{ derive }:
source:
derive "blobs" "blobs" {
  layers = [ source.out ] ++ (if source ? zstd then [ source.zstd.out ] else [ ]);
}
