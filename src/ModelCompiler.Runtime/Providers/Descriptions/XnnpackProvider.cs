using static ModelCompiler.Runtime.ProviderOption;

namespace ModelCompiler.Runtime;

/// <summary>ARM and WebAssembly CPUs by XNNPACK. Builds of ONNX Runtime for phones have it.</summary>
internal static class XnnpackProvider
{
    public static ProviderDescription Description { get; } = new()
    {
        Provider = ExecutionProvider.Xnnpack,
        RuntimeName = "XnnpackExecutionProvider",
        AppendName = "XNNPACK",
        Remedy = "It is in builds of ONNX Runtime that were made with --use_xnnpack.",
        Options = [Number("intra_op_num_threads", minimum: 1)],
    };
}
