#!/usr/bin/env bash
# Runs a command in a root folder: enter.sh ROOT TEMPORARY PATH... -- COMMAND [ARG...]
# TEMPORARY becomes its /tmp. Each file or folder PATH is mounted at the same path; the current folder is kept.
# Needs a separate mount and process namespace. As its first process, this shell reaps orphaned processes of tests.
set -euo pipefail
root=$1 temporary=$2
shift 2
here=$PWD

# pivot_root, since Nix's sandbox and podman make user namespaces, which a chroot forbids.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
# For podman's locks.
mount -t tmpfs tmpfs "$root/dev/shm"
chmod 1777 "$temporary"
mount --bind "$temporary" "$root/tmp"
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then
    mkdir -p "$root$1"
  else
    mkdir -p "$root${1%/*}"
    touch "$root$1"
  fi
  mount --bind "$1" "$root$1"
  shift
done
shift
cd "$root"
pivot_root . .
umount -l .
cd "$here"
"$@"
