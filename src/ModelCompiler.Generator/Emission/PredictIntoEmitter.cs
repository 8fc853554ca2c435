using ModelCompiler.Generator.Signatures;

namespace ModelCompiler.Generator.Emission;

/// <summary>
/// Writes <c>PredictInto</c>, which copies the outputs into memory of the caller and so allocates nothing: with a span for each input, and with all
/// inputs as one value.
/// </summary>
internal static class PredictIntoEmitter
{
    public static void Emit(SourceWriter source, PredictorModel model)
    {
        bool isInferred = model.IsInferable;
        var inputs = PredictEmitter.InputParameters(model, withSizes: !isInferred);
        source.Line();
        EmitSummary(source);
        PredictEmitter.EmitInputDocs(source, model, withSizes: !isInferred);
        EmitMethod(source, model, inputs, [.. PredictEmitter.DefaultedParameters(model)], input => PredictEmitter.FromParameters(input, isInferred));
        if (!model.GivenInputs.Any())
        {
            return;
        }

        source.Line();
        EmitSummary(source);
        PredictEmitter.EmitParameterDoc(source, "input", "The inputs.");
        EmitMethod(source, model, ["in " + model.InputName + " input"], [], input => PredictEmitter.FromMember(model, input));
    }

    private static void EmitSummary(SourceWriter source) => source.Summary("Predicts into memory of the caller: allocates nothing where shapes are fixed.");

    private static void EmitMethod(SourceWriter source, PredictorModel model, IEnumerable<string> inputs, string[] optional, Func<TensorMember, string> arguments)
    {
        string ofOnePicture = model.HasBatch && model.Inputs.Any(input => input.IsImage) ? ", where batch is 1" : "";
        foreach (var (output, _) in model.ShownOutputs)
        {
            PredictEmitter.EmitParameterDoc(source, Destination(output), "Takes " + ShapeText.Of(output) + ofOnePicture + (output.IsScalar ? ": has one element." : ", in row-major order: has as many elements."));
        }

        PredictEmitter.EmitParameterDoc(source, PredictEmitter.Token, "Stops the run before its next node.");
        PredictEmitter.EmitErrorDocs(source);
        var destinations = model.ShownOutputs.Select(output => "global::System.Span<" + output.Member.Type + "> " + Destination(output.Member));
        source.Open("public void PredictInto(" + string.Join(", ", inputs.Concat(destinations).Concat(optional).Append(PredictEmitter.TokenParameter)) + ")");
        PredictEmitter.EmitRun(source, model, arguments);
        foreach (var (output, index) in model.ShownOutputs)
        {
            source.Line(EmittedNames.Call + ".CopyOutput(" + ShapeText.Number(index) + ", " + Destination(output) + ");");
        }

        source.Close();
    }

    /// <summary>The value with all inputs is called <c>input</c>, which no output's name may be.</summary>
    private static string Destination(TensorMember output) => output.Name == EmittedNames.Input ? output.Name + "To" : output.Name;
}
