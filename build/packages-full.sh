#!/usr/bin/env bash
# Everything about the packages that `dotnet test` tries a part of: more kills, concurrent builds, full disks, injected faults, cancelled builds and
# odd folders, every kind of publishing, what a build with nothing to do costs, and packing in another folder. The first run downloads the runtime
# pack and the native compiler of this platform. Ends with the counts; build/README.md keeps the latest. Arguments go to the tests: --filter-class "*Fault*".
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

dotnet build tests/ModelCompiler.Packages -v q -nologo
mkdir "$scratch/t"
set +e
# What killed builds leave in the temporary folder goes with it; a run that hangs ends after an hour.
TMPDIR="$scratch/t" MODELCOMPILER_PACKAGES_FULL=1 timeout --kill-after=60 3600 artifacts/bin/ModelCompiler.Packages/debug/ModelCompiler.Packages \
  --no-ansi --no-progress --output detailed --show-live-output on "$@" 2>&1 | tee "$scratch/log" | grep --line-buffered -E "^(passed|failed|skipped) "
status=${PIPESTATUS[0]}
set -e
[ "$status" = 0 ] || grep -A 20 -E "^failed " "$scratch/log" | cut -c1-1000 || true
echo
grep -E "^ *(total|failed|succeeded|skipped|duration):" "$scratch/log" || cat "$scratch/log"
grep -hE "^ *count: " "$scratch/log" | sed 's/^ *count: //' | sort -u || true
finish() {
  [ "$1" = 0 ] && verdict=passed || verdict=FAILED
  echo "packages-full: $verdict in $((SECONDS / 60)) min $((SECONDS % 60)) s"
  exit "$1"
}
[ $# = 0 ] || finish "$status"

# The same files in another folder, without what was built here; the native libraries are not made here either.
mkdir -p "$scratch/elsewhere/artifacts"
git ls-files -z -co --exclude-standard | xargs -0 cp --parents -t "$scratch/elsewhere"
cp -r .git "$scratch/elsewhere"
cp -r artifacts/native "$scratch/elsewhere/artifacts"
for tree in "$PWD" "$scratch/elsewhere"; do
  (cd "$tree" && build/pack.sh -v:q -p:PackageVersion=0.0.1-same -p:PackageRuntimes=linux-x64 -p:PackageOutputPath="$scratch/packed$tree" >"$scratch/log") || { cat "$scratch/log"; finish 1; }
done
for package in "$scratch/packed$PWD"/*.nupkg; do
  cmp "$package" "$scratch/packed$scratch/elsewhere/$(basename "$package")" && echo "$(basename "$package"): the same bytes from two folders" || status=1
done
finish "$status"
