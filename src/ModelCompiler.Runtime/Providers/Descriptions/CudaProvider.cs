using System.Globalization;
using static ModelCompiler.Runtime.ProviderOption;

namespace ModelCompiler.Runtime;

/// <summary>NVIDIA GPUs by cuBLAS, cuDNN and ONNX Runtime's own kernels.</summary>
internal static class CudaProvider
{
    /// <summary>Errors of CUDA's runtime after which its manual wants the process ended: cudaErrorECCUncorrectable, cudaErrorIllegalAddress, and so on.</summary>
    public static IReadOnlyList<string> FaultMarkers { get; } =
        [.. new[] { 214, 700, 702, 710, 714, 715, 716, 717, 718, 719, 999 }.Select(code => string.Create(CultureInfo.InvariantCulture, $"CUDA failure {code}:"))];

    public static ProviderDescription Description { get; } = new()
    {
        Provider = ExecutionProvider.Cuda,
        RuntimeName = "CUDAExecutionProvider",
        AppendName = "CUDA",
        Packages = ["Microsoft.ML.OnnxRuntime.Gpu"],
        Libraries = ["onnxruntime_providers_shared", "onnxruntime_providers_cuda"],
        LinuxRequirements = ["libcuda.so.1", "libcudnn.so.9"],
        Remedy = "Install the NVIDIA driver, and the versions of CUDA and cuDNN that the package was built for, where the system's loader finds them.",
        FaultMarkers = FaultMarkers,
        Options =
        [
            Number("device_id"),
            Number("gpu_mem_limit"),
            Choice("arena_extend_strategy", "kNextPowerOfTwo", "kSameAsRequested"),
            Choice("cudnn_conv_algo_search", "EXHAUSTIVE", "HEURISTIC", "DEFAULT"),
            Switch("do_copy_in_default_stream"),
            Switch("cudnn_conv_use_max_workspace"),
            Switch("cudnn_conv1d_pad_to_nc1d"),
            Switch("enable_cuda_graph"),
            Switch("tunable_op_enable"),
            Switch("tunable_op_tuning_enable"),
            Number("tunable_op_max_tuning_duration_ms"),
            Switch("enable_skip_layer_norm_strict_mode"),
            Switch("prefer_nhwc"),
            Switch("use_ep_level_unified_stream"),
            Switch("use_tf32"),
            Switch("fuse_conv_bias"),
            Number("sdpa_kernel"),
        ],
    };
}
