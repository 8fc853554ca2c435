#!/usr/bin/env bash
# Packs ModelCompiler into artifacts/packages. Arguments go to `dotnet pack`, such as -p:Version=1.2.3 or
# -p:PackageRuntimes=linux-x64.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet pack build/package/ModelCompiler.Package.csproj -c Release -nologo "$@"
