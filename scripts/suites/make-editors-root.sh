#!/usr/bin/env bash
# Makes the root folder with current editors, from a Debian suite: make-editors-root.sh SUITE MIRROR FOLDER
# Run it in a separate mount namespace, so that a killed run leaves nothing mounted.
set -euo pipefail
suite=$1 mirror=$2 root=$3

# Debian packages. Editors compile the tree-sitter parser, and tmux reads the screen of Helix.
packages=(tree-sitter-cli neovim hx emacs-nox gcc libc6-dev tmux)

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
