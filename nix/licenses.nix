# Converts `meta.license` in any form to [ { id } ] for SPDX licences and expressions, and [ { name } ] for others.
#
#   { spdxId = "MIT"; }   { fullName = "Unfree"; free = false; }   "unfree"   [ { … } [ { … } ] ]
#   { licenseType = "compound"; operator = "OR"; licenses = [ … ]; }
{ firstText }:
let
  # The SPDX expression of a licence, or of a part of one; null if a part has no name.
  expressionOf =
    license:
    if !builtins.isAttrs license then
      reference (firstText [ license ])
    else if license ? licenses && license ? operator then
      joined " ${license.operator} " (map inner license.licenses)
    else if license ? license && license ? exception then
      joined " WITH " [
        (inner license.license)
        (expressionOf license.exception)
      ]
    else if license ? license && license ? operator then
      joined "" [
        (inner license.license)
        license.operator
      ]
    else
      firstText [
        (license.spdxId or null)
        (reference (nameOf license))
      ];
  inner =
    license:
    let
      expression = expressionOf license;
    in
    if expression != null && license ? licenses then "(${expression})" else expression;
  joined = separator: parts: if builtins.elem null parts then null else builtins.concatStringsSep separator parts;
  reference =
    name:
    if name == null then
      null
    else
      "LicenseRef-${
        builtins.concatStringsSep "-" (
          builtins.filter builtins.isString (builtins.split "[^A-Za-z0-9.-]+" name)
        )
      }";
  nameOf =
    license:
    firstText [
      (license.fullName or null)
      (license.shortName or null)
      (license.url or null)
    ];

  one =
    license:
    if builtins.isList license then
      builtins.concatMap (each: caught (one each)) license
    else if builtins.isAttrs license && (license ? licenses || license ? license) then
      found "id" (expressionOf license)
    else if builtins.isAttrs license && firstText [ (license.spdxId or null) ] != null then
      found "id" (firstText [ license.spdxId ])
    else
      found "name" (if builtins.isAttrs license then nameOf license else firstText [ license ]);
  found = kind: value: if value == null then [ ] else [ { ${kind} = value; } ];
  # Catches throws in `meta.license`. Evaluates only the attributes that the result needs.
  caught = value: import ./try.nix [ ] (builtins.deepSeq value value);
in
license: caught (one license)
