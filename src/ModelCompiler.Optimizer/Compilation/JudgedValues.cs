using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>Outputs that a model has while it is compiled, so that recipes are judged by them (<see cref="SelectionInputs"/>), and no longer when it ships.</summary>
internal static class JudgedValues
{
    /// <summary>Hands them out; their names.</summary>
    public static IReadOnlySet<string> Expose(Model model)
    {
        // Types are asked of models only that have to do with it: ONNX Runtime has not looked at them yet.
        if (ModelImage.IsLarge(model) || !SelectionInputs.MayHave(model.Graph)) return new HashSet<string>();
        model.InferTypes();
        IReadOnlyList<Value> values = SelectionInputs.Of(model.Graph);
        foreach (Value value in values) model.Graph.AddOutput(value);
        return values.Select(value => value.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The compiled model without them.</summary>
    public static CompiledModel Hide(CompilationJob job, CompiledModel compiled)
    {
        if (job.Judged.Count == 0) return compiled;
        Model model = compiled.Model;
        for (int i = model.Graph.Outputs.Count - 1; i >= 0; i--)
            if (job.Judged.Contains(model.Graph.Outputs[i].Name)) model.Graph.RemoveOutput(i);
        PassPipeline.Weights().Run(new PassContext(model, job.Options.Target), job.Cancellation);
        compiled.Image.Dispose();
        return compiled with { Image = ModelImage.Of(model) };
    }

    /// <summary>The agreement of what the model gives.</summary>
    public static Agreement? Shown(Agreement? agreement) =>
        agreement is null ? null : agreement with { Outputs = [.. agreement.Outputs.Where(output => !output.IsBeforeSelection)] };
}
