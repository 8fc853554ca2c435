namespace ModelCompiler.Runtime;

/// <summary>ONNX Runtime's own kernels: in every build of it, and the last resort for every graph.</summary>
internal static class CpuProvider
{
    public static ProviderDescription Description { get; } = new()
    {
        Provider = ExecutionProvider.Cpu,
        RuntimeName = "CPUExecutionProvider",
        AppendName = "CPU",
        Remedy = "It is part of every ONNX Runtime.",
    };
}
