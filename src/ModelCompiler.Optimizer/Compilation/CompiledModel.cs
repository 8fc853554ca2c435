using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>What a precision's method made: the model, its file, what was done beyond the preparation, and how it agrees with the source.</summary>
internal sealed record CompiledModel(Model Model, byte[] Bytes, IReadOnlyList<PassEvent> Events, Evaluation? Evaluation)
{
    /// <summary>What static int8 decided by measurement; null for other precisions.</summary>
    public Int8Plan? Plan { get; init; }

    /// <summary>Warnings for the user: id and text.</summary>
    public IReadOnlyList<(string Code, string Message)> Warnings { get; init; } = [];
}
