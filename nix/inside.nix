# Adds to an image's settings what Nix needs to work inside the image: the Nix package, nix.conf, and the files, users and
# variables that Nix expects on a system.
#
#   { user = "ci"; settings.substitute = "false"; }
{
  pkgs,
  # The base's { user, package, settings }; null if the base has no Nix inside.
  base,
  # The image's settings: packages, provide, files, users, config.
  given,
}:
{
  # The user who owns the store, and so can build. Root can build in any case.
  user ? if base == null then "root" else base.user,
  # Packages that can be built inside after a change of their source: see buildable.nix.
  buildable ? [ ],
  # Whether the image contains the package set's source, as <nixpkgs>.
  nixpkgs ? false,
  # Packages whose build environment bash sets up in a container: see environment.nix.
  shell ? [ ],
  # Lines of nix.conf.
  settings ? { },
}:
let
  inherit (import ./names.nix) named;
  isNix =
    package:
    builtins.elem (named package).name [
      "nix"
      "lix"
    ];
  chosen = builtins.filter isNix given.packages;
  package =
    if chosen != [ ] then
      builtins.head chosen
    else if base != null then
      base.package
    else
      pkgs.nix;
  bash = pkgs.bashInteractive or pkgs.bash;

  allSettings = {
    # A container has no build users, and seldom the rights for a sandbox.
    build-users-group = "";
    sandbox = "false";
    experimental-features = "nix-command flakes";
    # If Nix cannot fetch a path, for instance without a network, it builds the path.
    fallback = "true";
  }
  // (if base == null then { } else base.settings)
  // settings;
  line = name: "${name} = ${allSettings.${name}}\n";

  # Adds the variables of `above` to `env`. They replace those of `env`, or extend their values (extended-env.nix).
  withExtensions =
    env: above:
    env
    // builtins.mapAttrs (
      name: value:
      if !(import ./extends.nix value && env ? ${name}) then
        value
      else if value ? prepend then
        "${value.prepend}:${env.${name}}"
      else
        "${env.${name}}:${value.append}"
    ) above;

  # Root's channel: `nix-env -i` reads it, and Nix looks up <nixpkgs> there.
  channel = "/nix/var/nix/profiles/per-user/root/channels/nixpkgs";
  source = builtins.path {
    path = import ./set-path.nix pkgs;
    # Nix gives this name to sources that it unpacks. With the same name here, such a package set keeps its store path.
    name = "source";
    filter = path: _: baseNameOf path != ".git";
  };
in
{
  inherit user package shell;
  # Packages of `shell` can be built by hand in the build environment, and by Nix as well.
  buildable = buildable ++ shell;
  settings = allSettings;

  # The image's settings and those that Nix needs. The image's own values override the added ones.
  withNix = {
    packages = given.packages ++ (if chosen == [ ] then [ package ] else [ ]);
    provide =
      given.provide
      ++ [
        "certificates"
        "tmp"
      ]
      ++ (
        if shell == [ ] then
          [ ]
        else
          [
            "sh"
            "env"
          ]
      );
    files = {
      "/etc/nix/nix.conf".text = builtins.concatStringsSep "" (map line (builtins.attrNames allSettings));
    }
    // (if nixpkgs then { ${channel}.link = "${source}"; } else { })
    // (
      if shell == [ ] then
        { }
      else
        {
          "/bin/bash".link = "${bash}/bin/bash";
          "/build" = {
            directory = true;
            owner = user;
          };
        }
    )
    // given.files;
    # Nix keeps a user's channels and profiles in the home folder.
    users = builtins.mapAttrs (
      name: each: if name == user && each.home or null == null then each // { home = "/home/${name}"; } else each
    ) given.users;
    config =
      # If `user` differs from the base's (root if the base has no Nix), containers run as `user`, unless `config.user` says
      # otherwise.
      (if user == (if base == null then "root" else base.user) then { } else { inherit user; })
      // (
        if shell == [ ] then
          { }
        else
          {
            # Removes the base's entry point, which would run with bash as its argument.
            entrypoint = [ ];
            cmd = [
              "${bash}/bin/bash"
              "--rcfile"
              "/etc/nix/shell.bash"
            ];
            workdir = "/build";
          }
      )
      // given.config
      // {
        env = withExtensions (
          {
            # Otherwise nix-shell evaluates <nixpkgs> to find bash.
            NIX_BUILD_SHELL = "${bash}/bin/bash";
            # The pagers that Nix would run may be missing.
            NIX_PAGER = "cat";
            NIX_SSL_CERT_FILE = "/etc/ssl/certs/ca-bundle.crt";
          }
          // (if nixpkgs then { NIX_PATH = "nixpkgs=${channel}"; } else { })
        ) (given.config.env or { });
      };
  };
}
