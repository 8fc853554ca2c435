using static ModelCompiler.Runtime.ProviderOption;

namespace ModelCompiler.Runtime;

/// <summary>Intel CPUs, GPUs and NPUs by OpenVINO.</summary>
internal static class OpenVinoProvider
{
    public static ProviderDescription Description { get; } = new()
    {
        Provider = ExecutionProvider.OpenVino,
        RuntimeName = "OpenVINOExecutionProvider",
        AppendName = "OpenVINO",
        Packages = ["Intel.ML.OnnxRuntime.OpenVino"],
        Libraries = ["onnxruntime_providers_shared", "onnxruntime_providers_openvino"],
        Remedy = "Install the OpenVINO runtime that the package was built for, and Intel's driver for a GPU or NPU.",
        Artefacts = new ProviderArtefacts
        {
            FolderOptions = new Dictionary<string, string> { ["cache_dir"] = ProviderArtefacts.Folder },
            LinuxDriverFiles = ["/sys/module/i915/version", "/sys/module/intel_vpu/version"],
        },
        FaultMarkers = ["CL_DEVICE_NOT_AVAILABLE", "ZE_RESULT_ERROR_DEVICE_LOST"],
        Options =
        [
            // CPU, GPU, GPU.1, NPU, or AUTO:, HETERO: and MULTI: with a list.
            Text("device_type"),
            Choice("precision", "FP32", "FP16", "ACCURACY"),
            Number("num_of_threads", minimum: 1),
            Number("num_streams", minimum: 1),
            Text("cache_dir"),
            Text("load_config"),
            Text("reshape_input"),
            Text("layout"),
            Choice("model_priority", "LOW", "MEDIUM", "HIGH", "DEFAULT"),
            WordSwitch("enable_opencl_throttling"),
            WordSwitch("enable_qdq_optimizer"),
            WordSwitch("disable_dynamic_shapes"),
            WordSwitch("enable_causallm"),
        ],
    };
}
