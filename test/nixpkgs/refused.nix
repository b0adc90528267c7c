# Packages that nixpkgs refuses unless `config` allows them. As in nixpkgs, forcing the outPath or drvPath of a refused package
# throws, but its name, version and meta can be read.
{ config, run }:
let
  isPermitted =
    config.allowInsecurePredicate
      or (package: builtins.elem package.name (config.permittedInsecurePackages or [ ]));
  isFree = package: package.meta.license.free;
  isAllowed =
    package:
    config.allowUnfree or false || (config.allowUnfreePredicate or (package: false)) package;

  isUnsupported = package: package.meta.platforms or null == [ ];

  reasons =
    package:
    if !(isFree package || isAllowed package) then
      "has an unfree license (‘${package.meta.license.fullName}’)"
    else if package.meta.broken or false && !(config.allowBroken or false) then
      "is marked as broken"
    else if isUnsupported package && !(config.allowUnsupportedSystem or false) then
      "is not available on the requested hostPlatform"
    else if package.meta.knownVulnerabilities or [ ] != [ ] && !(isPermitted package) then
      "is marked as insecure"
    else
      null;

  guard =
    package:
    let
      reason = reasons package;
      guarded =
        value:
        if reason == null then
          value
        else
          throw "Package ‘${package.name}’ in ${./refused.nix} ${reason}, refusing to evaluate.";
    in
    package
    // {
      outPath = guarded package.outPath;
      drvPath = guarded package.drvPath;
      meta = package.meta // {
        available = reason == null;
        unfree = !(isFree package);
        insecure = package.meta.knownVulnerabilities or [ ] != [ ];
        unsupported = isUnsupported package;
      };
    };

  make =
    pname: version: meta:
    makeFrom pname version meta [ ];
  makeFrom =
    pname: version: meta: buildInputs:
    guard (
      run "${pname}-${version}"
        {
          inherit pname version buildInputs;
          meta = {
            license = {
              free = true;
              fullName = "MIT License";
              spdxId = "MIT";
            };
          }
          // meta;
        }
        ''
          mkdir -p $out/share
          echo ${toString ([ pname ] ++ buildInputs)} > $out/share/${pname}
        ''
    );
in
rec {
  unfree-tool = make "unfree-tool" "1.0" {
    license = {
      free = false;
      fullName = "Unfree";
      shortName = "unfree";
    };
  };
  # The package's name differs from the attribute.
  unfreeOther = make "unfree-other" "2.0" {
    license = {
      free = false;
      fullName = "Unfree";
      shortName = "unfree";
    };
  };
  insecure-tool = make "insecure-tool" "1.1.1" {
    knownVulnerabilities = [ "CVE-2000-0001" ];
  };
  broken-tool = make "broken-tool" "0.1" { broken = true; };
  foreign-tool = make "foreign-tool" "3.0" { platforms = [ ]; };
  # These packages are refused only because of their inputs.
  needs-unfree = makeFrom "needs-unfree" "1.0" { } [ unfree-tool ];
  needs-several = makeFrom "needs-several" "1.0" { } [
    broken-tool
    needs-unfree
    insecure-tool
  ];
}
