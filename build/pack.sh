#!/usr/bin/env bash
# Packs ModelCompiler, its tool and its templates into artifacts/packages. Arguments go to MSBuild, such as
# -p:PackageVersion=1.2.3 or -p:PackageRuntimes=linux-x64. With a linker (gcc or clang), modelc is a
# native program too; -p:NativeTool=true insists on that, -p:NativeTool=false does without.
set -euo pipefail
cd "$(dirname "$0")/.."
# Two steps: what a restore writes is read when a project is loaded.
dotnet msbuild build/package/All.proj -nologo -v:q -t:Restore -p:Configuration=Release "$@"
dotnet msbuild build/package/All.proj -nologo -v:m -t:Pack -p:Configuration=Release "$@"
