using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>What a precision's method made: the model, what sessions are opened from, what was done beyond the preparation, and how it agrees with the source.</summary>
internal sealed record CompiledModel(Model Model, ModelImage Image, IReadOnlyList<PassEvent> Events, Evaluation? Evaluation)
{
    /// <summary>What was done in preparation by a method that prepares copies of the model.</summary>
    public IReadOnlyList<PassEvent> Preparation { get; init; } = [];

    /// <summary>What was decided by measuring.</summary>
    public required CompilationPlan Plan { get; init; }

    /// <summary>What the CPU runs in its place where it has no kernels for the model itself; null where it has.</summary>
    public ModelImage? StandIn { get; init; }

    /// <summary>Warnings for the user: id and text.</summary>
    public IReadOnlyList<(string Code, string Message)> Warnings { get; init; } = [];
}
