#!/usr/bin/env bash
# Builds and runs samples/GpuClassifier against a package of the id and layout of Microsoft.ML.OnnxRuntime.Gpu, made of npm's libraries
# (300 MB). By hand, on Linux x64: on a machine without an NVIDIA driver it must arrive on the CPU and say why.
set -euo pipefail
cd "$(dirname "$0")/.."
work=artifacts/gpu
mkdir -p "$work"
if ! cmp -s build/gpu/package-lock.json "$work/installed-lock.json"; then
  cp build/gpu/package.json build/gpu/package-lock.json "$work"
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && cp package-lock.json installed-lock.json)
fi
# The name that NuGet packages give it.
cp "$work/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1" "$work/libonnxruntime.so"
dotnet pack build/gpu/LocalPackage.csproj -v q -nologo -o "$work/feed"
# A folder of packages of its own: the stand-in must not be found by other projects of this user.
dotnet build samples/GpuClassifier -v q -nologo \
  "-p:RestorePackagesPath=$PWD/$work/packages" "-p:RestoreAdditionalProjectSources=$PWD/$work/feed"
output=$(dotnet run --project samples/GpuClassifier --no-build 2>&1)
echo "$output"
grep -q "ONNX Runtime 1.29.0" <<<"$output" || { echo "FAILED: the library of the package was not used"; exit 1; }
if [ ! -e /dev/nvidia0 ]; then
  grep -q "OM5016: The execution provider TensorRt needs .*libnvinfer" <<<"$output" || { echo "FAILED: what TensorRT misses is not named"; exit 1; }
  grep -q "OM5016: The execution provider Cuda needs .*libcublas" <<<"$output" || { echo "FAILED: what CUDA misses is not named"; exit 1; }
  grep -q "Nodes: CPUExecutionProvider" <<<"$output" || { echo "FAILED: the nodes are not on the CPU"; exit 1; }
fi
grep -q "reads as 1" <<<"$output" || { echo "FAILED: the answer is wrong"; exit 1; }
echo "passed"
