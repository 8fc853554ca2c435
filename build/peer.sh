#!/bin/sh
# ONNX Runtime's quantizer for Python, to compare with: a Debian trixie in artifacts/peer, made once, as root.
#   build/peer.sh           sets it up (a minute, 600 MB)
#   build/peer.sh quantize <model.onnx> <samples.npz> <folder>
#                           quantizes by each setting, into <folder>/<setting>.onnx; prints: setting, CPU seconds, peak MiB
set -eu
here=$(cd "$(dirname "$0")" && pwd)
peer=$here/../artifacts/peer
root=$peer/root
# Where this machine has its packages from.
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)}

set_up() {
  [ ! -e "$peer/ready" ] || return 0
  [ "$(id -u)" = 0 ] || { echo "build/peer.sh needs root, for debootstrap and chroot" >&2; exit 1; }
  mkdir -p "$peer"
  bootstrap=$(command -v debootstrap || true)
  if [ -z "$bootstrap" ]; then
    (cd "$peer" && apt-get download debootstrap && dpkg-deb -x debootstrap_*.deb tool)
    bootstrap=$peer/tool/usr/sbin/debootstrap
    DEBOOTSTRAP_DIR=$peer/tool/usr/share/debootstrap
    export DEBOOTSTRAP_DIR
  fi
  rm -rf "$root"
  sh "$bootstrap" --variant=minbase trixie "$root" "$mirror"
  chroot "$root" apt-get update
  chroot "$root" apt-get install -y --no-install-recommends python3-onnxruntime python3-onnx python3-numpy
  touch "$peer/ready"
}

quantize() {
  model=$1 samples=$2 folder=$3
  # Of its own: others may run at the same time.
  work=$(mktemp -d "$root/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cp "$model" "$work/model.onnx"
  cp "$samples" "$work/samples.npz"
  cp "$here/peer_quantize.py" "$work/"
  for setting in static static-u8s8-channel dynamic dynamic-s8-channel; do
    # ONNX Runtime reads the processor from /proc and /sys; the mounts end with their namespace.
    if unshare --mount sh -c "mount -t proc proc '$root/proc' && mount -t sysfs sysfs '$root/sys' &&
        chroot '$root' sh -c 'cd /${work##*/} && python3 peer_quantize.py $setting 2> log-$setting'"; then
      cp "$work/$setting.onnx" "$folder/"
    else
      tail -n 1 "$work/log-$setting" >&2
    fi
  done
}

case ${1:-} in
  '') set_up ;;
  quantize) quantize "$2" "$3" "$4" ;;
  *) echo "usage: build/peer.sh [quantize <model.onnx> <samples.npz> <folder>]" >&2; exit 2 ;;
esac
