namespace ModelCompiler.Runtime;

/// <summary>What runs the graph.</summary>
public enum ExecutionProvider
{
    Cpu,
    Cuda,
    TensorRt,
    OpenVino,
    DirectMl,
    CoreMl,
    WebGpu,
    Qnn,
    Xnnpack,
}
