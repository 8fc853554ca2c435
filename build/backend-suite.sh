#!/usr/bin/env bash
# Runs ONNX's own backend test suite before and after the float passes, and prints passed/expected. A case is expected to pass when ONNX
# Runtime answers the unoptimized model as the suite says. The suite is Debian's package libonnx-testdata, installed here if it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=/usr/share/libonnx-testdata/data
if [ ! -d "$suite" ]; then
  apt-get update -qq
  apt-get install -y -qq libonnx-testdata >/dev/null
fi
dotnet run --project tests/ModelCompiler.Benchmarks -c Release -- backend-suite "$suite"
