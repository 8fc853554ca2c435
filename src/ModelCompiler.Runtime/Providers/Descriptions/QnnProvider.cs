using static ModelCompiler.Runtime.ProviderOption;

namespace ModelCompiler.Runtime;

/// <summary>Qualcomm's NPU, by its AI Engine Direct (QNN).</summary>
internal static class QnnProvider
{
    public static ProviderDescription Description { get; } = new()
    {
        Provider = ExecutionProvider.Qnn,
        RuntimeName = "QNNExecutionProvider",
        AppendName = "QNN",
        Packages = ["Microsoft.ML.OnnxRuntime.QNN"],
        Remedy = "It needs a Snapdragon processor, and the QNN libraries of the package beside ONNX Runtime.",
        Artefacts = new ProviderArtefacts(),
        Options =
        [
            Choice("backend_type", "cpu", "gpu", "htp", "saver", "ir"),
            Text("backend_path"),
            Choice("profiling_level", "off", "basic", "detailed", "optrace"),
            Text("profiling_file_path"),
            Number("rpc_control_latency"),
            Number("vtcm_mb", minimum: 1),
            Choice(
                "htp_performance_mode",
                "default", "burst", "balanced", "high_performance", "high_power_saver", "low_balanced", "extreme_power_saver",
                "low_power_saver", "power_saver", "sustained_high_performance"),
            Number("htp_graph_finalization_optimization_mode", maximum: 3),
            Choice("qnn_context_priority", "low", "normal", "normal_high", "high"),
            Number("soc_model"),
            Choice("htp_arch", "0", "68", "69", "73", "75", "81"),
            Number("device_id"),
            Switch("enable_htp_fp16_precision"),
            Switch("offload_graph_io_quantization"),
            Switch("enable_htp_spill_fill_buffer"),
            Switch("enable_htp_shared_memory_allocator"),
            Switch("dump_json_qnn_graph"),
            Text("json_qnn_graph_dir"),
        ],
    };
}
