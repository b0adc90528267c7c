#!/usr/bin/env bash
# Runs a command in a root folder: enter.sh ROOT TEMPORARY PATH... -- COMMAND [ARG...]
# TEMPORARY becomes /tmp in ROOT. Each file or folder PATH is mounted at the same path in ROOT. COMMAND runs in the
# current folder. Run this script as the first process of new mount and process namespaces: the shell then reaps
# orphaned processes of tests.
set -euo pipefail
root=$1 temporary=$2
shift 2
here=$PWD

# Use pivot_root: Nix's sandbox and podman make user namespaces, which the kernel forbids in a chroot.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
# podman keeps its locks in /dev/shm.
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
