using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Checks that <c>State</c> pairs inputs with outputs that can feed them.</summary>
internal static class StatePairs
{
    /// <summary>Checks each pair.</summary>
    /// <exception cref="CompilerException">A name is unknown (OM2310), or the types do not fit (OM2312).</exception>
    public static void Check(Graph graph, IReadOnlyDictionary<string, string> pairs)
    {
        foreach ((string inputName, string outputName) in pairs)
        {
            Value input = TensorNames.Find("State", inputName, "input", TensorNames.InputsOf(graph));
            Value output = TensorNames.Find("State", outputName, "output", graph.Outputs);
            if (Problem(input, output) is { } problem) throw DiagnosticTable.StateMismatch.Error(inputName, outputName, problem);
            int feeding = pairs.Values.Count(name => name == outputName);
            if (feeding > 1) throw DiagnosticTable.StateMismatch.Error(inputName, outputName, $"the output feeds {feeding} inputs");
        }
    }

    private static string? Problem(Value input, Value output)
    {
        if (input.TensorType is not { } read || output.TensorType is not { } written) return "one of them is no tensor";
        if (read.ElementType != written.ElementType) return $"the input is {read.ElementType}, the output {written.ElementType}";
        if (read.ElementType == ElementType.String) return "a state cannot hold strings";
        if (read.Shape is not { } from || written.Shape is not { } to) return read.Shape is null ? "nobody knows the rank of the input" : null;
        bool fits = from.Rank == to.Rank && from.Zip(to).All(dims => dims.First.ValueOrNull is not { } a || dims.Second.ValueOrNull is not { } b || a == b);
        return fits ? null : $"the input has the shape {from}, the output {to}";
    }
}
