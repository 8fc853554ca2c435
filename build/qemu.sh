#!/usr/bin/env bash
# Puts Debian's qemu-user into artifacts/qemu, unpacked and not installed: the tests run compiled models on a CPU without VNNI with it.
set -euo pipefail
cd "$(dirname "$0")/.."
if command -v qemu-x86_64 >/dev/null || [ -x artifacts/qemu/usr/bin/qemu-x86_64 ]; then exit 0; fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get update -qq
apt-get download -qq qemu-user
dpkg -x qemu-user_*.deb unpacked
cd - >/dev/null
mkdir -p artifacts
cp -r "$folder/unpacked" artifacts/qemu
