using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Signature;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Gives the batch dimension a size (<c>Batch</c> of the item): the first dimension, which every input leaves open under one name.</summary>
internal static class BatchFixing
{
    /// <summary>Fixes it.</summary>
    /// <exception cref="CompilerException">The first dimensions are not open, or not one (OM2314).</exception>
    public static void Apply(Model model, int size)
    {
        Value[] open = [.. TensorNames.InputsOf(model.Graph).Where(input => input.Shape is { Rank: > 0 } shape && !shape[0].IsKnown)];
        if (open.Length == 0) throw DiagnosticTable.BatchNotOpen.Error(size, "none does");
        bool isOne = open.Length == 1 || (open[0].Shape![0].Symbol is { } symbol && open.All(input => input.Shape![0].Symbol == symbol));
        if (!isOne) throw DiagnosticTable.BatchNotOpen.Error(size, "they leave it open under different names");
        DimensionFixing.Apply(model, open.ToDictionary(input => string.Create(CultureInfo.InvariantCulture, $"{input.Name}:0"), _ => (long)size));
    }
}
