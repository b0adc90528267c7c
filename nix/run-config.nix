# Converts `config` to the `config` part of an OCI image config (image-spec, config.md).
config:
let
  names = {
    entrypoint = "Entrypoint";
    cmd = "Cmd";
    user = "User";
    workdir = "WorkingDir";
    labels = "Labels";
    stopSignal = "StopSignal";
    shell = "Shell";
  };
  set = list: builtins.listToAttrs (map (name: { inherit name; value = { }; }) list);
  plain = builtins.listToAttrs (
    map (name: {
      name = names.${name};
      value = config.${name};
    }) (builtins.filter (name: config ? ${name}) (builtins.attrNames names))
  );
  # extended-env.nix handles the variables that extend the base's values.
  replaced = builtins.filter (name: !(import ./extends.nix config.env.${name})) (
    builtins.attrNames config.env
  );
  env = map (name: "${name}=${config.env.${name}}") replaced;
  known = builtins.attrNames names ++ [
    "env"
    "expose"
    "volumes"
    "healthcheck"
  ];
  unknown = builtins.filter (name: !(builtins.elem name known)) (builtins.attrNames config);
in
if unknown != [ ] then
  throw "imgc: config has no setting ${builtins.head unknown}; it has ${builtins.concatStringsSep ", " known}"
else
  plain
  // (if config ? env then { Env = env; } else { })
  // (if config ? expose then { ExposedPorts = set config.expose; } else { })
  // (if config ? volumes then { Volumes = set config.volumes; } else { })
  // (if config ? healthcheck then { Healthcheck = config.healthcheck; } else { })
