# Converts the values of `provide` to entries of `files`, and to the packages that these files link to.
{ pkgs }:
let
  bundle.link = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
  known = {
    # No files: the content derivation writes /etc/passwd and /etc/group.
    users = { };
    sh."/bin/sh".link = "${pkgs.bash}/bin/sh";
    env."/usr/bin/env".link = "${pkgs.coreutils}/bin/env";
    # The paths that programs with OpenSSL, GnuTLS or Go read.
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
