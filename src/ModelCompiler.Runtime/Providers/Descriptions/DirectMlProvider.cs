using static ModelCompiler.Runtime.ProviderOption;

namespace ModelCompiler.Runtime;

/// <summary>Any GPU with DirectX 12, on Windows.</summary>
internal static class DirectMlProvider
{
    public static ProviderDescription Description { get; } = new()
    {
        Provider = ExecutionProvider.DirectMl,
        RuntimeName = "DmlExecutionProvider",
        AppendName = "DML",
        Packages = ["Microsoft.ML.OnnxRuntime.DirectML"],
        Remedy = "It needs Windows 10 1903 or newer, a GPU driver for DirectX 12, and DirectML.dll beside ONNX Runtime.",
        // DXGI_ERROR_DEVICE_REMOVED, _HUNG, _RESET, _DRIVER_INTERNAL_ERROR.
        FaultMarkers = ["887A0005", "887A0006", "887A0007", "887A0020"],
        Options =
        [
            Number("device_id"),
            Choice("performance_preference", "default", "high_performance", "minimum_power"),
            Choice("device_filter", "gpu", "npu", "any"),
            WordSwitch("disable_metacommands"),
            WordSwitch("enable_graph_capture"),
        ],
    };
}
