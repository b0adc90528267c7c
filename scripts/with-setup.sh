#!/usr/bin/env bash
# Installs missing node modules, Nix, container tools and packages of the tests, then runs a command. A second run only
# checks that everything is installed. The root folders of other suites are made at their first use
# (scripts/suites/root.ts).
set -euo pipefail
cd "$(dirname "$0")/.."

# program:Debian package
needed=(nix:nix-bin skopeo:skopeo podman:podman runc:runc docker-registry:docker-registry patchelf:patchelf
  nvim:neovim chromium:chromium zsh:zsh fish:fish sshd:openssh-server git:git openssl:openssl xz:xz-utils zstd:zstd
  debootstrap:debootstrap pre-commit:pre-commit)

export PATH="$PATH:/usr/sbin:/sbin"
missing=()
for each in "${needed[@]}"; do
  command -v "${each%%:*}" > /dev/null || missing+=("${each#*:}")
done
problems=()
is_debian=true
command -v apt-get dpkg-deb > /dev/null || is_debian=false
[ "$(id -u)" = 0 ] || problems+=("- root rights, for Nix's sandbox and containers: run this as root")
$is_debian || problems+=("- apt-get and dpkg-deb: the tests use programs of Debian 12")
if [ ${#missing[@]} -gt 0 ] && [ ${#problems[@]} -gt 0 ]; then
  problems+=("- these programs (the names are Debian's): ${missing[*]}")
fi
if [ ${#problems[@]} -gt 0 ]; then
  printf '%s\n' "Missing on this machine:" "${problems[@]}" \
    "As root on Debian 12, this script installs missing programs." >&2
  exit 3
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq install --yes --no-install-recommends "${missing[@]}" > /dev/null
fi

# Unpack Docker's daemon beside the tests' other downloads: an installed package would start the daemon.
docker=${XDG_CACHE_HOME:-$HOME/.cache}/imgc-test/docker
if [ ! -x "$docker/dockerd" ]; then
  echo "unpacking Docker's daemon for the tests" >&2
  mkdir -p "${docker%/*}"
  beside=$(mktemp -d "$docker.XXXXXX")
  (
    cd "$beside"
    get=(apt-get -qq -o APT::Sandbox::User=root download docker.io containerd)
    "${get[@]}" || { apt-get -qq update && "${get[@]}"; }
    for deb in *.deb; do dpkg-deb --extract "$deb" .; done
    mkdir bin
    mv usr/bin/docker usr/sbin/dockerd usr/bin/containerd usr/bin/containerd-shim-runc-v2 bin
  ) > /dev/null
  mv --no-target-directory "$beside/bin" "$docker"
  rm -r "$beside"
fi

# Run npm ci only if package-lock.json differs from the installed lock.
if ! cmp -s package-lock.json node_modules/.lock-installed; then
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json node_modules/.lock-installed
fi
export PATH="$PWD/node_modules/.bin:$PATH"

node test/nixpkgs/fetch.ts
node test/sbom/fetch.ts
node scripts/build.ts

export NIX_PATH="nixpkgs=$PWD/test/nixpkgs"
export NIX_CONFIG="substitute = false
sandbox = relaxed
build-users-group =
experimental-features = nix-command flakes
connect-timeout = 1
fsync-metadata = false"
exec "$@"
