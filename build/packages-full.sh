#!/usr/bin/env bash
# Everything about the packages that `dotnet test` tries a part of: more kills, concurrent builds, full disks and odd folders, and every kind of
# publishing. The first run downloads the runtime pack of this platform. Ends with the counts; build/README.md keeps the latest.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build tests/ModelCompiler.Packages -v q -nologo
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
MODELCOMPILER_PACKAGES_FULL=1 artifacts/bin/ModelCompiler.Packages/debug/ModelCompiler.Packages \
  --no-ansi --no-progress --output detailed --show-live-output on "$@" >"$log" 2>&1 || status=$?
grep -E "^failed|^ *(total|failed|succeeded|skipped|duration):" "$log" || cat "$log"
grep -hE "^ *count: " "$log" | sed 's/^ *count: //' | sort -u || true
exit "$status"
