# imgc as a package: the command with its Node.js, and completions for shells.
{
  pkgs,
  nodejs ? pkgs.nodejs,
}@given:
let
  inherit (import ./program.nix) source version;
  shell = pkgs.runtimeShell or "${pkgs.bash}/bin/bash";
  # Nix and skopeo at the end of PATH, for machines without them. The machine's own Nix comes first, since it fits the daemon.
  tools = builtins.concatStringsSep ":" (
    map (package: "${package}/bin") (
      builtins.filter (package: package != null) [
        (pkgs.nix or null)
        (pkgs.skopeo or null)
      ]
    )
  );
  # A script that runs one command of imgc.
  script = name: text: pkgs.runCommand name { } ''
    mkdir -p $out/bin
    {
      echo '#!${shell}'
      echo '${text}'
    } > $out/bin/${name}
    chmod 755 $out/bin/${name}
  '';
  imgc = pkgs.runCommand "imgc-${version}" { } ''
    mkdir -p $out/bin $out/share/bash-completion/completions $out/share/zsh/site-functions $out/share/fish/vendor_completions.d
    {
      echo '#!${shell}'
      echo 'PATH="''${PATH:+$PATH:}${tools}" exec ${nodejs}/bin/node ${source}/bin/imgc.mjs "$@"'
    } > $out/bin/imgc
    chmod 755 $out/bin/imgc
    $out/bin/imgc completion bash > $out/share/bash-completion/completions/imgc
    $out/bin/imgc completion zsh > $out/share/zsh/site-functions/_imgc
    $out/bin/imgc completion fish > $out/share/fish/vendor_completions.d/imgc.fish
  '';
in
imgc
// {
  inherit version;
  pname = "imgc";
  meta = {
    description = "Container images with Nix, from a small typed description";
    license.spdxId = "MIT";
    mainProgram = "imgc";
  };
  # For `nix fmt`.
  formatter = script "imgc-fmt" ''exec ${imgc}/bin/imgc fmt "$@"'' // {
    meta.mainProgram = "imgc-fmt";
  };
  lib = import ./. given;
}
