using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>A compiled model and what was found out about it.</summary>
public sealed record CompileResult
{
    /// <summary>The compiled model.</summary>
    public required Model Model { get; init; }

    /// <summary>What was decided, to record: with it, another compilation makes the same model.</summary>
    public required CompilationPlan Plan { get; init; }

    /// <summary>What each pass did and refused, in order.</summary>
    public required IReadOnlyList<PassEvent> Events { get; init; }

    /// <summary>Compute nodes (Conv, Gemm, MatMul) that run on integers: as ONNX Runtime's optimized graph shows, or, for a provider that fuses them itself, as they stand in QDQ form.</summary>
    public int QuantizedNodes { get; init; }

    /// <summary>Compute nodes that ONNX Runtime runs in floating point, as its optimized graph shows.</summary>
    public int FloatNodes { get; init; }

    /// <summary>Whether nothing of the model is in other numbers than the source's, though a precision was asked for that has others.</summary>
    public bool StaysAsItCame { get; init; }

    /// <summary>How the outputs agree with the source model's on the calibration samples; null without samples.</summary>
    public Agreement? Agreement { get; init; }

    /// <summary>Accuracy of the source (A) and compiled (B) model on the labelled samples, in percent; null without labels.</summary>
    public (double Source, double Compiled)? Accuracy { get; init; }

    /// <summary>Median time of the compiled model over that of the source, batch 1, one thread, interleaved; null where not measured.</summary>
    public double? LatencyRatio { get; init; }

    /// <summary>Whether that is surely above <see cref="CompileOptions.MaxLatencyRatio"/>, and not only in this measurement.</summary>
    public bool IsTooSlow { get; init; }

    /// <summary>Warnings for the user: id and text.</summary>
    public IReadOnlyList<(string Code, string Message)> Warnings { get; init; } = [];
}
