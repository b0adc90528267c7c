#!/usr/bin/env bash
# Makes the root folder of a Debian suite: make-root.sh SUITE MIRROR FOLDER
# Run it in a separate mount namespace, so that a killed run leaves nothing mounted.
set -euo pipefail
suite=$1 mirror=$2 root=$3

# Debian packages. The tests in test/e2e and test/cosign may use only the programs of these packages.
packages=(nix-bin skopeo podman runc docker-registry openssh-client openssh-server git openssl xz-utils zstd
  ca-certificates procps iproute2 cosign oras)
# trixie has no crane, and its Podman does not need XFS to reuse chunks.
[ "$suite" = trixie ] || packages+=(crane xfsprogs)

debootstrap --variant=minbase "$suite" "$root" "$mirror"
mount -t proc proc "$root/proc"
# Packages must not start their services.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
# sid's package lists expire after a week, and some mirrors are more than a week behind.
chroot "$root" apt-get -qq -o Acquire::Check-Valid-Until=false update
chroot "$root" apt-get -qq install --yes --no-install-recommends "${packages[@]}"
chroot "$root" apt-get clean

# For the tests through nix-daemon: the build users, and a user whom the daemon does not trust.
chroot "$root" groupadd --system nixbld
for i in 1 2 3 4; do
  chroot "$root" useradd --system --no-create-home --shell /usr/sbin/nologin --groups nixbld "nixbld$i"
done
chroot "$root" useradd --create-home tester
# These users read the repository and the cache, which may be below /root.
chmod 755 "$root/root"
