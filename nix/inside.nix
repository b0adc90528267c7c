# What makes Nix work inside an image: Nix itself, its configuration, and what it expects of a system.
#
#   { user = "ci"; settings.substitute = "false"; }
{
  pkgs,
  # What the base says of this; null where Nix does not work in it.
  base,
  # What the image says: packages, provide, files, users, config.
  said,
}:
{
  # Who owns the store and can build; root can in any case.
  user ? if base == null then "root" else base.user,
  # Packages that can be built inside after a change of their source: see buildable.nix.
  buildable ? [ ],
  # Whether the package set's source is inside, and <nixpkgs>.
  nixpkgs ? false,
  # Packages whose build environment is the image's: see environment.nix.
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
  chosen = builtins.filter isNix said.packages;
  package =
    if chosen != [ ] then
      builtins.head chosen
    else if base != null then
      base.package
    else
      pkgs.nix;
  bash = pkgs.bashInteractive or pkgs.bash;

  allSettings = {
    # In a container there is nobody to build as, and mostly no right to make another container.
    build-users-group = "";
    sandbox = "false";
    experimental-features = "nix-command flakes";
    # Without a network, what cannot be fetched is built.
    fallback = "true";
  }
  // (if base == null then { } else base.settings)
  // settings;
  line = name: "${name} = ${allSettings.${name}}\n";

  # Adds variables to others, some of which they extend (extended-env.nix).
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

  # Where Nix has the packages of `nix-env -i`, and newer ones look for <nixpkgs>, too.
  channel = "/nix/var/nix/profiles/per-user/root/channels/nixpkgs";
  source = builtins.path {
    path = pkgs.path;
    # As Nix names what it unpacks, so that it is the same path where it came from there.
    name = "source";
    filter = path: _: baseNameOf path != ".git";
  };
in
{
  inherit user package shell;
  # What is built by hand can be built by Nix, too.
  buildable = buildable ++ shell;
  settings = allSettings;

  # What the image says, and what Nix needs, below it.
  said = {
    packages = said.packages ++ (if chosen == [ ] then [ package ] else [ ]);
    provide =
      said.provide
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
    // said.files;
    # Nix keeps what belongs to a user at home.
    users = builtins.mapAttrs (
      name: each: if name == user && each.home or null == null then each // { home = "/home/${name}"; } else each
    ) said.users;
    config =
      # Who builds is who the image runs as, where that is said here and nothing else is.
      (if user == (if base == null then "root" else base.user) then { } else { inherit user; })
      // (
        if shell == [ ] then
          { }
        else
          {
            # The base's would take the shell for its argument.
            entrypoint = [ ];
            cmd = [
              "${bash}/bin/bash"
              "--rcfile"
              "/etc/nix/shell.bash"
            ];
            workdir = "/build";
          }
      )
      // said.config
      // {
        env = withExtensions (
          {
            # Otherwise nix-shell looks up its shell in a package set.
            NIX_BUILD_SHELL = "${bash}/bin/bash";
            # Nix's pagers may be missing.
            NIX_PAGER = "cat";
            NIX_SSL_CERT_FILE = "/etc/ssl/certs/ca-bundle.crt";
          }
          // (if nixpkgs then { NIX_PATH = "nixpkgs=${channel}"; } else { })
        ) (said.config.env or { });
      };
  };
}
