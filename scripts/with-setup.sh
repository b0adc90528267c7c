#!/usr/bin/env bash
# Sets up what this machine lacks, then runs a command: node modules, Nix, the container tools, the tests' packages.
# A second run only looks whether everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

# program:Debian package
needed=(nix:nix-bin skopeo:skopeo podman:podman runc:runc docker-registry:docker-registry patchelf:patchelf
  nvim:neovim nix-store:nix-bin git:git sshd:openssh-server)

missing=()
for each in "${needed[@]}"; do
  command -v "${each%%:*}" > /dev/null || [ -x "/usr/sbin/${each%%:*}" ] || missing+=("${each#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    {
      echo "This needs programs that are not installed: ${missing[*]}"
      echo "As root on Debian 12 they are installed for you. Elsewhere, install them (the names are Debian's), then try again."
    } >&2
    exit 3
  fi
  echo "installing ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq install --yes --no-install-recommends "${missing[@]}" > /dev/null
fi
if [ "$(id -u)" != 0 ]; then
  echo "This builds with Nix in a sandbox and runs containers, for which it must be root here: try again as root." >&2
  exit 3
fi

# npm ci again only when the lock says something else than what is installed.
if ! cmp -s package-lock.json node_modules/.lock-installed; then
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json node_modules/.lock-installed
fi
export PATH="$PWD/node_modules/.bin:$PATH"

node test/nixpkgs/fetch.ts
node scripts/build.ts

export NIX_PATH="nixpkgs=$PWD/test/nixpkgs"
export NIX_CONFIG="substitute = false
sandbox = relaxed
build-users-group =
experimental-features = nix-command flakes
connect-timeout = 1"
exec "$@"
