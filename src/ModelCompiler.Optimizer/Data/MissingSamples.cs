using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>What to say where samples are needed and there are none: to give some, unless no file could hold them.</summary>
internal static class MissingSamples
{
    public static CompilerException Error(Model model, DiagnosticDescriptor missing)
    {
        SampleInput? other = SampleInput.Of(model).FirstOrDefault(input => input.ElementType.NumpyName() is null);
        return other is null ? missing.Error() : DiagnosticTable.InputNotNumeric.Error(other.Name, other.ElementType);
    }
}
