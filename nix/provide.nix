# The values of `provide` -> the files to add, and the packages that these link to.
{ pkgs }:
let
  bundle.link = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
  known = {
    # Users are written by the content derivation.
    users = { };
    sh."/bin/sh".link = "${pkgs.bash}/bin/sh";
    env."/usr/bin/env".link = "${pkgs.coreutils}/bin/env";
    # Where OpenSSL's, GnuTLS's and Go's users look.
    certificates = {
      "/etc/ssl/certs/ca-bundle.crt" = bundle;
      "/etc/ssl/certs/ca-certificates.crt" = bundle;
      "/etc/pki/tls/certs/ca-bundle.crt" = bundle;
    };
    tmp = {
      "/tmp" = {
        directory = true;
        mode = "1777";
      };
      "/var/tmp" = {
        directory = true;
        mode = "1777";
      };
    };
  };
  packagesOf = {
    sh = [ pkgs.bash ];
    env = [ pkgs.coreutils ];
    certificates = [ pkgs.cacert ];
  };
in
names: {
  files = builtins.foldl' (
    files: name:
    files
    // (known.${name}
      or (throw "imgc: provide knows ${toString (builtins.attrNames known)}, not ${name}")
    )
  ) { } names;
  packages = builtins.concatMap (name: packagesOf.${name} or [ ]) names;
}
