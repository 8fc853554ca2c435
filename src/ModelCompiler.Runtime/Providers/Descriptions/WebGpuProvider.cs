using static ModelCompiler.Runtime.ProviderOption;

namespace ModelCompiler.Runtime;

/// <summary>Any GPU by Vulkan, Direct3D 12 or Metal, through Dawn, which is part of ONNX Runtime's library.</summary>
internal static class WebGpuProvider
{
    public static ProviderDescription Description { get; } = new()
    {
        Provider = ExecutionProvider.WebGpu,
        RuntimeName = "WebGpuExecutionProvider",
        AppendName = "WebGPU",
        // One Dawn context serves all sessions, and its command encoder is not made for two callers.
        SharesQueue = true,
        LinuxRequirements = ["libvulkan.so.1"],
        Remedy = "Install a GPU driver (on Linux also the Vulkan loader, such as Debian's libvulkan1); without a GPU a software driver serves: Mesa's lavapipe or SwiftShader.",
        // ONNX Runtime's line in the log, and Dawn's errors from then on.
        FaultMarkers = ["WebGPU device lost", "Device is lost", "] is lost"],
        Options =
        [
            Choice("preferredLayout", "NCHW", "NHWC"),
            Switch("enableGraphCapture"),
            Switch("enableInt64"),
            Switch("enableRobustness"),
            Choice("dawnBackendType", "D3D12", "Vulkan"),
            Number("deviceId"),
            Choice("powerPreference", "high-performance", "low-power"),
            Choice("validationMode", "disabled", "wgpuOnly", "basic", "full"),
            .. new[] { "storageBufferCacheMode", "uniformBufferCacheMode", "queryResolveBufferCacheMode", "defaultBufferCacheMode" }
                .Select(name => Choice(name, "disabled", "lazyRelease", "simple", "bucket")),
            Number("maxNumPendingDispatches", minimum: 1),
            Number("maxStorageBufferBindingSize", minimum: 1),
            Text("forceCpuNodeNames"),
            Switch("preserveDevice"),
            Switch("enablePIXCapture"),
        ],
    };
}
