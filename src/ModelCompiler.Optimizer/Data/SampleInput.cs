using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>An input that samples must give. <paramref name="Shape"/> is null where not even the rank is known.</summary>
public sealed record SampleInput(string Name, ElementType ElementType, Shape? Shape)
{
    /// <summary>The inputs of a model that have no default.</summary>
    /// <exception cref="CompilerException">An input is no tensor, so no array can give it.</exception>
    public static IReadOnlyList<SampleInput> Of(Model model)
    {
        var inputs = new List<SampleInput>();
        foreach (Value value in model.Graph.Inputs)
        {
            if (value.Default is not null) continue;
            if (value.TensorType is not { } type) throw DiagnosticTable.InputNotNumeric.Error(value.Name, value.Type?.GetType().Name ?? "an unknown type");
            inputs.Add(new SampleInput(value.Name, type.ElementType, type.Shape));
        }
        return inputs;
    }
}
