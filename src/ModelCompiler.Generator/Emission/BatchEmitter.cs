using ModelCompiler.Generator.Signatures;
using static ModelCompiler.Generator.Emission.ValueForms;

namespace ModelCompiler.Generator.Emission;

/// <summary>Writes what answers many samples in few runs: for a list at once, and for calls that come at the same time.</summary>
internal static class BatchEmitter
{
    public static void Emit(SourceWriter source, PredictorModel model)
    {
        string list = "global::System.Collections.Generic.IReadOnlyList<" + model.InputName + ">";
        source.Line().Summary("Predicts many samples in as few runs as may be.");
        source.Line("/// <param name=\"inputs\">The samples, each with the inputs of one.</param>");
        source.Line("/// <param name=\"cancellationToken\">Stops the run before its next node.</param>");
        source.Line("/// <returns>The result of each sample, in their order.</returns>");
        source.Line("/// <exception cref=\"" + Runtime + "TensorMismatchException\">An input does not fit what the model declares for one sample.</exception>");
        source.Line("public " + model.OutputName + "[] PredictBatch(" + list + " inputs, global::System.Threading.CancellationToken cancellationToken = default) =>");
        source.Line("    RunBatch(Batching.Instance, inputs, cancellationToken);");
        source.Line().Summary("Predicts one sample; calls that come at the same time share runs. Waits for its turn where the queue is full.");
        source.Line("/// <param name=\"input\">The inputs of one sample. Their memory is read before the call answers.</param>");
        source.Line("/// <param name=\"cancellationToken\">Gives up the call; a run that others share goes on.</param>");
        source.Line("/// <returns>The result.</returns>");
        source.Line("/// <exception cref=\"" + Runtime + "TensorMismatchException\">An input does not fit what the model declares for one sample.</exception>");
        source.Line("public global::System.Threading.Tasks.Task<" + model.OutputName + "> PredictAsync(" + model.InputName + " input, global::System.Threading.CancellationToken cancellationToken = default) =>");
        source.Line("    RunShared(Batching.Instance, input, cancellationToken);");
        source.Line();
        EmitBatching(source, model);
    }

    private static void EmitBatching(SourceWriter source, PredictorModel model)
    {
        source.Open("private sealed class Batching : " + Runtime + "Batching<" + model.InputName + ", " + model.OutputName + ">");
        source.Line("public static readonly Batching Instance = new();");
        source.Line().Open("public override void Check(" + Runtime + "SampleCheck check, in " + model.InputName + " input)");
        EmitInputs(source, model, (input, index) => input.IsScalar ? null : (input.HasDefault ? "if (!" + "input." + input.MemberName + ".IsEmpty) " : "") + "check." + (input.IsImage ? "Image" : "Sample") + "(" + index + ", " + Memory(input) + ");");
        source.Close();
        source.Line().Line("public override bool CanShare(in " + model.InputName + " first, in " + model.InputName + " other) =>");
        source.Line("    " + string.Join(" && ", model.GivenInputs.Select(input => Sharing(model, input.Member)).OfType<string>().DefaultIfEmpty("true")) + ";");
        source.Line().Open("public override void Write(" + Runtime + "PredictorCall call, in " + model.InputName + " input, int sample, int count)");
        EmitInputs(source, model, (input, index) => input.IsImage
            ? "call.SetSampleImage(" + index + ", sample, count, " + Memory(input) + ");"
            : IsBatched(model, input) ? "call.SetSample(" + index + ", sample, count, " + Memory(input) + ");"
            : "call." + Setter(input) + "(" + index + ", " + (input.IsScalar ? "input." + input.MemberName : Memory(input)) + ");");
        source.Close();
        source.Line().Line("public override " + model.OutputName + " Read(" + Runtime + "PredictorCall call, int sample, int count) =>");
        source.Line("    " + (model.IsInline ? OutputEmitter.Creation(model) : "new(" + string.Join(", ", model.ShownOutputs.Select(output => Sample(output.Member, output.Index))) + ")") + ";");
        source.Close();
    }

    private static void EmitInputs(SourceWriter source, PredictorModel model, Func<TensorMember, string, string?> line)
    {
        foreach (string text in model.GivenInputs.Select(input => line(input.Member, ShapeText.Number(input.Index))).OfType<string>())
        {
            source.Line(text);
        }
    }

    private static string Sample(TensorMember output, int index) => "call.GetSample<" + output.Type + ">(" + ShapeText.Number(index) + ", sample, count"
        + (output.LabelsName is { } labels ? ", " + labels : "") + ")";

    private static string Memory(TensorMember input) => "input." + input.MemberName + (input.IsImage ? "" : ".Span");

    /// <summary>Samples share a run when what the run has but once is equal, and pictures have one size.</summary>
    private static string? Sharing(PredictorModel model, TensorMember input)
    {
        string first = "first." + input.MemberName, other = "other." + input.MemberName;
        return input.IsImage ? first + ".HasSizeOf(" + other + ")"
            : IsBatched(model, input) ? null
            : input.IsScalar ? first + ".Equals(" + other + ")"
            : "global::System.MemoryExtensions.SequenceEqual(" + first + ".Span, " + other + ".Span)";
    }

    private static bool IsBatched(PredictorModel model, TensorMember input) => BatchAxis.IsBatched(model.Manifest, input.Value);
}
