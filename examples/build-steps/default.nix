# Commands that run once in Nix's sandbox. The image contains their result, but none of the tools they need.
{ runCommand, sqlite }:
runCommand "shop-data" { nativeBuildInputs = [ sqlite ]; } ''
  mkdir -p $out/data $out/bin
  sqlite3 $out/data/shop.db < ${./schema.sql}
  sqlite3 $out/data/shop.db "INSERT INTO product VALUES ('apple', 3), ('pear', 4)"

  echo '#!/bin/sh' > $out/bin/products
  for product in apple pear; do
    echo "echo $product" >> $out/bin/products
  done
''
