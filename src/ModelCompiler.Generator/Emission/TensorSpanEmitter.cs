using ModelCompiler.Generator.Signatures;
using static ModelCompiler.Generator.Emission.ValueForms;

namespace ModelCompiler.Generator.Emission;

/// <summary>
/// Writes <c>Predict</c> for tensors of System.Numerics.Tensors, which bring the shapes that the model leaves open: only in programs that reference the
/// library. Whatever their strides are, elements go straight into the memory that the model reads.
/// </summary>
internal static class TensorSpanEmitter
{
    private const string TensorSpan = "global::System.Numerics.Tensors.ReadOnlyTensorSpan<";
    private const string Setter = "SetTensor";

    public static void Emit(SourceWriter source, PredictorModel model)
    {
        if (model.FindsSizes || model.HasBatch)
        {
            EmitForArrays(source, model);
        }

        source.Line().Summary("Predicts, with tensors that bring the shapes which the model leaves open.");
        EmitDocs(source, model, ", of any strides.");
        // An array is a span of elements as well; that is what a call with one has always meant.
        source.Line("[global::System.Runtime.CompilerServices.OverloadResolutionPriority(-1)]");
        source.Open(Signature(model, input => "scoped in " + TensorSpan + input.Type + ">"));
        source.Line("using var " + EmittedNames.Call + " = StartCall();");
        foreach (var (input, index) in model.GivenInputs)
        {
            source.Line(input.IsOpen
                ? Setter + "(" + EmittedNames.Call + ", " + ShapeText.Number(index) + ", " + input.Name + ");"
                : EmittedNames.Call + "." + ValueForms.Setter(input) + "(" + ShapeText.Number(index) + ", " + input.Name + ");");
        }

        source.Line(EmittedNames.Call + ".Run(" + PredictEmitter.Token + ");");
        source.Line("return " + OutputEmitter.Creation(model) + ";");
        source.Close();
        EmitSetter(source);
    }

    /// <summary>An array becomes either kind of span, and before C# 13 nothing else says which one is meant.</summary>
    private static void EmitForArrays(SourceWriter source, PredictorModel model)
    {
        source.Line().Summary(model.FindsSizes ? "Predicts, with arrays of elements." : "Predicts one sample, with arrays of elements.");
        EmitDocs(source, model, ", in row-major order.");
        source.Line(Signature(model, input => input.Type + "[]") + " =>");
        var arguments = model.RequiredInputs.Select(input => input.Member.IsOpen ? "new " + Parameter(input.Member) + "(" + input.Member.Name + ")" : input.Member.Name);
        var rest = model.DefaultedInputs.Select(input => input.Member.Name).Append(PredictEmitter.Token);
        source.Line("    Predict(" + string.Join(", ", arguments.Concat(model.FindsSizes ? [] : ["1"]).Concat(rest)) + ");");
    }

    private static string Signature(PredictorModel model, Func<TensorMember, string> open)
    {
        var parameters = model.RequiredInputs.Select(input => (input.Member.IsOpen ? open(input.Member) : Parameter(input.Member)) + " " + input.Member.Name);
        return "public " + model.OutputName + " Predict(" + string.Join(", ", parameters.Concat(PredictEmitter.DefaultedParameters(model)).Append(PredictEmitter.TokenParameter)) + ")";
    }

    private static void EmitDocs(SourceWriter source, PredictorModel model, string open)
    {
        foreach (var (input, _) in model.GivenInputs)
        {
            PredictEmitter.EmitParameterDoc(source, input.Name, ShapeText.Of(input) + (input.IsOpen ? open : "."));
        }

        PredictEmitter.EmitParameterDoc(source, PredictEmitter.Token, "Stops the run before its next node.");
        PredictEmitter.EmitResultDocs(source);
    }

    private static void EmitSetter(SourceWriter source)
    {
        source.Line().Open("private static void " + Setter + "<T>(scoped in " + Runtime + "PredictorCall call, int index, scoped in " + TensorSpan + "T> tensor) where T : unmanaged");
        source.Line("global::System.Span<long> shape = stackalloc long[tensor.Rank];");
        source.Open("for (int i = 0; i < shape.Length; i++)").Line("shape[i] = tensor.Lengths[i];").Close();
        source.Line("tensor.FlattenTo(call.MakeRoom<T>(index, shape));").Close();
    }
}
