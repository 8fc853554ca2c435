#!/usr/bin/env bash
# Compiles every public model to float32 with modelc, compares it with its original and times both: agreement, size, ratio.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet run --project tests/ModelCompiler.Benchmarks -c Release -- public-models
