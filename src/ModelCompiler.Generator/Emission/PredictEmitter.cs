using ModelCompiler.Generator.Signatures;

namespace ModelCompiler.Generator.Emission;

/// <summary>
/// Writes <c>Predict</c>: a parameter for each input (a scalar for rank 0, a span otherwise, and its shape where even
/// the rank is open) and one for each size that the model leaves open.
/// </summary>
internal static class PredictEmitter
{
    private const string Span = "global::System.ReadOnlySpan<";
    private const string Runtime = "global::ModelCompiler.Runtime.";
    private const string Token = EmittedNames.CancellationToken;

    public static void Emit(SourceWriter source, PredictorModel model)
    {
        if (model.HasBatch)
        {
            source.Line();
            EmitDocs(source, model, "Predicts one sample.", withSizes: false);
            source.Line("public " + model.ResultName + " Predict(" + Parameters(model, withSizes: false) + ") =>");
            source.Line("    Predict(" + string.Join(", ", model.Inputs.Select(input => input.Name).Append("1").Append(Token)) + ");");
        }

        source.Line();
        EmitDocs(source, model, model.HasBatch ? "Predicts a batch of samples in one run." : "Predicts.", withSizes: true);
        source.Open("public " + model.ResultName + " Predict(" + Parameters(model, withSizes: true) + ")");
        EmitCall(source, model);
        source.Close();
    }

    private static void EmitCall(SourceWriter source, PredictorModel model)
    {
        source.Line("using var " + EmittedNames.Call + " = StartCall();");
        for (int i = 0; i < model.Inputs.Count; i++)
        {
            source.Line(EmittedNames.Call + ".SetInput(" + ShapeText.Number(i) + ", " + Elements(model.Inputs[i]) + Shape(model.Inputs[i]) + ");");
        }

        source.Line(EmittedNames.Call + ".Run(" + Token + ");");
        source.Line("return new " + model.ResultName + "(" + string.Join(", ", model.Outputs.Select(Output)) + ");");
    }

    private static string Elements(TensorMember input) => input.IsScalar ? "new " + Span + input.Type + ">(in " + input.Name + ")" : input.Name;

    /// <summary>A shape of numbers is known to the runtime, which then checks the number of elements.</summary>
    private static string Shape(TensorMember input)
    {
        if (input.Dimensions is not { } dimensions)
        {
            return ", " + input.ShapeName;
        }

        return dimensions.All(dimension => dimension.Value is not null)
            ? ""
            : ", [" + string.Join(", ", dimensions.Select(d => d.Value is { } value ? ShapeText.Number(value) : d.Size)) + "]";
    }

    private static string Output(TensorMember output, int index) => output.Type == "string"
        ? EmittedNames.Call + ".GetStringOutput(" + ShapeText.Number(index) + ")"
        : EmittedNames.Call + ".GetOutput<" + output.Type + ">(" + ShapeText.Number(index) + ")";

    private static string Parameters(PredictorModel model, bool withSizes)
    {
        var inputs = model.Inputs.SelectMany(InputParameters);
        var sizes = withSizes ? model.Sizes.Select(size => "int " + size.Name) : [];
        return string.Join(", ", inputs.Concat(sizes).Append("global::System.Threading.CancellationToken " + Token + " = default"));
    }

    private static IEnumerable<string> InputParameters(TensorMember input)
    {
        yield return (input.IsScalar ? input.Type : Span + input.Type + ">") + " " + input.Name;
        if (input.ShapeName is { } shape)
        {
            yield return Span + "long> " + shape;
        }
    }

    private static void EmitDocs(SourceWriter source, PredictorModel model, string summary, bool withSizes)
    {
        source.Summary(summary);
        foreach (var input in model.Inputs)
        {
            EmitParameterDoc(source, input.Name, InputDoc(model, input, withSizes));
            if (input.ShapeName is { } shape)
            {
                EmitParameterDoc(source, shape, "The shape of <paramref name=\"" + input.Name + "\"/>.");
            }
        }

        foreach (var size in withSizes ? model.Sizes : [])
        {
            EmitParameterDoc(source, size.Name, model.HasBatch ? "The number of samples." : "The size of the dimension of this name.");
        }

        EmitParameterDoc(source, Token, "Stops the run before its next node.");
        source.Line("/// <returns>The outputs, in memory of their own.</returns>");
        source.Line("/// <exception cref=\"" + Runtime + "TensorMismatchException\">An input has another number of elements than its shape.</exception>");
        source.Line("/// <exception cref=\"" + Runtime + "OnnxRuntimeException\">The run failed.</exception>");
        source.Line("/// <exception cref=\"global::System.OperationCanceledException\">The run was cancelled.</exception>");
        source.Line("/// <exception cref=\"global::System.ObjectDisposedException\">The predictor is disposed.</exception>");
    }

    private static string InputDoc(PredictorModel model, TensorMember input, bool withSizes)
    {
        var shown = withSizes || input.Dimensions is not { } dimensions
            ? input
            : input with { Dimensions = new(dimensions.Select(d => model.Sizes.Any(size => size.Name == d.Size) ? new TensorDimension(1, null) : d)) };
        return ShapeText.Of(shown) + (input.IsScalar ? "." : ", in row-major order.");
    }

    private static void EmitParameterDoc(SourceWriter source, string name, string text) =>
        source.Line("/// <param name=\"" + name + "\">" + text + "</param>");
}
