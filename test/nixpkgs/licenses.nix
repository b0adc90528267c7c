# Licences of some packages in nixpkgs' form; the other packages have none.
let
  spdx = spdxId: { inherit spdxId; };
in
{
  bash = spdx "GPL-3.0-or-later";
  busybox = spdx "GPL-2.0-only";
  coreutils = spdx "GPL-3.0-or-later";
  curl = spdx "curl";
  git = spdx "GPL-2.0-only";
  glibc = spdx "LGPL-2.1-or-later";
  hello = spdx "GPL-3.0-or-later";
  jq = spdx "MIT";
  nginx = spdx "BSD-2-Clause";
  nix = spdx "LGPL-2.1-or-later";
  openssl = spdx "Apache-2.0";
  perl = [
    (spdx "Artistic-1.0-Perl")
    (spdx "GPL-1.0-or-later")
  ];
  python3 = spdx "PSF-2.0";
  readline = spdx "GPL-3.0-or-later";
  sqlite.fullName = "Public Domain";
  tzdata.fullName = "Public Domain";
  zlib = spdx "Zlib";
}
