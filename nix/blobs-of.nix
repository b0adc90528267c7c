# A folder with the compressed bytes of a source's layers, in both forms if there are two.
{ derive }:
source:
derive "blobs" "blobs" {
  layers = [ source.out ] ++ (if source ? zstd then [ source.zstd.out ] else [ ]);
}
