#!/usr/bin/env bash
# Puts Debian's QEMU into artifacts/qemu, unpacked and not installed: the tests run compiled models on a CPU without VNNI with it.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$PWD/artifacts/qemu/usr/bin/qemu-x86_64
if { command -v qemu-x86_64 || [ -x "$target" ]; } >/dev/null; then exit 0; fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get update -qq
# Linked statically: an unpacked package does not bring the libraries that it names. Up to bookworm that is a package of its own.
for package in qemu-user-static qemu-user; do
  apt-get download -qq "$package" || continue
  dpkg -x "$package"_*.deb unpacked
  for emulator in unpacked/usr/bin/qemu-x86_64{-static,}; do
    if "$emulator" --version >/dev/null 2>&1; then
      install -D "$emulator" "$target"
      exit 0
    fi
  done
done
echo "Debian's QEMU does not run here." >&2
exit 1
