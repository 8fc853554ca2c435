using static ModelCompiler.Runtime.ProviderOption;

namespace ModelCompiler.Runtime;

/// <summary>NVIDIA GPUs by engines that TensorRT builds of subgraphs, at the first start or out of a cache.</summary>
internal static class TensorRtProvider
{
    public static ProviderDescription Description { get; } = new()
    {
        Provider = ExecutionProvider.TensorRt,
        RuntimeName = "TensorrtExecutionProvider",
        AppendName = "TensorRT",
        Packages = ["Microsoft.ML.OnnxRuntime.Gpu"],
        Libraries = ["onnxruntime_providers_shared", "onnxruntime_providers_tensorrt"],
        LinuxRequirements = ["libcuda.so.1"],
        Remedy = "Install the NVIDIA driver, and the versions of CUDA, cuDNN and TensorRT that the package was built for, where the system's loader finds them.",
        Artefacts = new ProviderArtefacts
        {
            FolderOptions = new Dictionary<string, string>
            {
                ["trt_engine_cache_enable"] = "1",
                ["trt_engine_cache_path"] = ProviderArtefacts.Folder,
                ["trt_timing_cache_enable"] = "1",
                ["trt_timing_cache_path"] = ProviderArtefacts.Folder,
            },
            LinuxDriverFiles = ["/proc/driver/nvidia/version", "/proc/driver/nvidia/gpus"],
            WindowsDriverLibraries = ["nvcuda.dll"],
        },
        FaultMarkers = CudaProvider.FaultMarkers,
        Options =
        [
            Number("device_id"),
            .. Precision(),
            .. EngineCache(),
            .. Building(),
            Text("trt_profile_min_shapes"),
            Text("trt_profile_max_shapes"),
            Text("trt_profile_opt_shapes"),
            Switch("trt_cuda_graph_enable"),
            Switch("trt_context_memory_sharing_enable"),
            Number("trt_auxiliary_streams", minimum: -1),
            Text("trt_extra_plugin_lib_paths"),
        ],
    };

    private static ProviderOption[] Precision() =>
    [
        Switch("trt_fp16_enable"),
        Switch("trt_bf16_enable"),
        Switch("trt_int8_enable"),
        Text("trt_int8_calibration_table_name"),
        Switch("trt_int8_use_native_calibration_table"),
        Switch("trt_layer_norm_fp32_fallback"),
        Switch("trt_sparsity_enable"),
        Switch("trt_dla_enable"),
        Number("trt_dla_core"),
    ];

    private static ProviderOption[] EngineCache() =>
    [
        Switch("trt_engine_cache_enable"),
        Text("trt_engine_cache_path"),
        Text("trt_engine_cache_prefix"),
        Switch("trt_engine_hw_compatible"),
        Switch("trt_weight_stripped_engine_enable"),
        Switch("trt_timing_cache_enable"),
        Text("trt_timing_cache_path"),
        Switch("trt_force_timing_cache"),
        Switch("trt_dump_ep_context_model"),
        Text("trt_ep_context_file_path"),
        Number("trt_ep_context_embed_mode", maximum: 1),
    ];

    private static ProviderOption[] Building() =>
    [
        Number("trt_max_partition_iterations", minimum: 1),
        Number("trt_min_subgraph_size", minimum: 1),
        Number("trt_max_workspace_size"),
        Number("trt_builder_optimization_level", maximum: 5),
        Switch("trt_build_heuristics_enable"),
        Switch("trt_force_sequential_engine_build"),
        Switch("trt_detailed_build_log"),
        Switch("trt_dump_subgraphs"),
        Text("trt_tactic_sources"),
        Text("trt_preview_features"),
        Text("trt_op_types_to_exclude"),
        Switch("trt_load_user_initializer"),
    ];
}
