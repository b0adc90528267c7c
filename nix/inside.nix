# Adds Nix to an image: the package, its configuration, and the files that it expects of a system.
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
  # Owns the store and can build; root can always build.
  user ? if base == null then "root" else base.user,
  # Packages that can be built inside after a change of their source: see buildable.nix.
  buildable ? [ ],
  # Whether the package set's source is inside, as <nixpkgs>.
  nixpkgs ? false,
  # Packages whose build environment the image has: see environment.nix.
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
    # Without a network, Nix builds the paths that it cannot fetch.
    fallback = "true";
  }
  // (if base == null then { } else base.settings)
  // settings;
  line = name: "${name} = ${allSettings.${name}}\n";

  # Adds the variables of `above` to `env`; some extend the values in `env` (extended-env.nix).
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
    path = pkgs.path;
    # Nix gives this name to sources that it unpacks, so an unpacked package set keeps its store path.
    name = "source";
    filter = path: _: baseNameOf path != ".git";
  };
in
{
  inherit user package shell;
  # Packages that can be built by hand in the shell can be built by Nix, too.
  buildable = buildable ++ shell;
  settings = allSettings;

  # The image's settings with Nix's additions, which the image's own override.
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
      # The image runs as `user` if this image sets it and no `config.user`.
      (if user == (if base == null then "root" else base.user) then { } else { inherit user; })
      // (
        if shell == [ ] then
          { }
        else
          {
            # The base's entry point would get the shell as its argument.
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
            # Otherwise nix-shell looks up its shell in a package set.
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
