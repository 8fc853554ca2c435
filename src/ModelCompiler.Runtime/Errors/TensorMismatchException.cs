using ModelCompiler.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>A tensor does not fit what the model declares: its name, type, rank or a dimension.</summary>
public sealed class TensorMismatchException : ModelCompilerException
{
    internal TensorMismatchException(string role, string tensor, string expected, string actual)
        : base(DiagnosticTable.TensorMismatch, role, tensor, expected, actual)
    {
        Tensor = tensor;
        Expected = expected;
        Actual = actual;
    }

    /// <summary>Name of the input or output.</summary>
    public string Tensor { get; }

    /// <summary>What the model declares, such as <c>float32[1, 28, 28]</c>.</summary>
    public string Expected { get; }

    /// <summary>What was given.</summary>
    public string Actual { get; }
}
