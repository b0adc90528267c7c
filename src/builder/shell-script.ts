/** The start-up script of bash in an image that is a build environment. */
import { shellQuote } from "../util/shell.ts";

/** The script's path in the image. */
export const SHELL_SCRIPT = "/etc/nix/shell.bash";

/** Loads the functions of stdenv, as `nix-shell` does, and defines `buildDerivation`, which runs the package's builder. */
export function shellScript(builder: string, args: string[]): string {
  const command = [builder, ...args].map(shellQuote).join(" ");
  return `# Read by every bash that is started by hand; what that one runs is left alone.
unset BASH_ENV
[ -n "\${PS1-}" ] && [ -e ~/.bashrc ] && . ~/.bashrc
imgcPath=$PATH
: "\${NIX_BUILD_CORES:=1}"; export NIX_BUILD_CORES
[ -e "\${NIX_ATTRS_SH_FILE-}" ] && . "$NIX_ATTRS_SH_FILE"
if [ -n "\${stdenv-}" ] && [ -e "$stdenv/setup" ]; then
  . "$stdenv/setup"
  set +eu +o pipefail
  shopt -u nullglob
  PATH=$PATH:$imgcPath
fi
unset imgcPath

# Builds the package as Nix would, in the current folder.
buildDerivation() {
  ( exec ${command} )
}

if [ "$(type -t runHook)" = function ]; then runHook shellHook; else eval "\${shellHook-}"; fi
[ -z "\${PS1-}" ] || PS1='[nix-shell:\\w]\\$ '
`;
}
