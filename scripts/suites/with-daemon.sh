#!/usr/bin/env bash
# Inside a root folder: runs a command, by default the tests, as a user whom nix-daemon does not trust.
set -euo pipefail
socket=/nix/var/nix/daemon-socket/socket
rm -f "$socket"
# sandbox = relaxed, since the derivations of the tests' package set read packages in the user's cache.
NIX_CONFIG="substitute = false
sandbox = relaxed
fsync-metadata = false
build-users-group = nixbld
trusted-users = root" nix-daemon 2> /var/log/nix-daemon.log &
daemon=$!
trap 'kill "$daemon"; wait "$daemon" || true' EXIT
until [ -S "$socket" ]; do sleep 0.1; done

export NIX_CONFIG="substitute = false
experimental-features = nix-command flakes"
# As after a login, so that skopeo does not look for credentials in /run/containers, which root owns.
export XDG_RUNTIME_DIR=/run/user/tester
install -d -o tester -m 700 "$XDG_RUNTIME_DIR"
export NIX_REMOTE=daemon HOME=/home/tester USER=tester
# The user cannot write into the folders where vitest usually keeps its bundled configuration and its cache.
export VITEST_FS_MODULE_CACHE_PATH=/tmp/vitest
[ $# -gt 0 ] || set -- vitest run --configLoader native --project e2e --project daemon test/e2e/build.test.ts test/daemon
setpriv --reuid tester --regid tester --clear-groups "$@"
