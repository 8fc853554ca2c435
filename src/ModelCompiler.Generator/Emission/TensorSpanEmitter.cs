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
        source.Line().Summary("Predicts, with tensors that bring the shapes which the model leaves open.");
        foreach (var (input, _) in model.GivenInputs)
        {
            PredictEmitter.EmitParameterDoc(source, input.Name, ShapeText.Of(input) + (input.IsOpen ? ", of any strides." : "."));
        }

        PredictEmitter.EmitParameterDoc(source, PredictEmitter.Token, "Stops the run before its next node.");
        PredictEmitter.EmitResultDocs(source);
        // An array is a span of elements as well; that is what a call with one has always meant.
        source.Line("[global::System.Runtime.CompilerServices.OverloadResolutionPriority(-1)]");
        var parameters = model.RequiredInputs.Select(input => (input.Member.IsOpen ? "scoped in " + TensorSpan + input.Member.Type + ">" : Parameter(input.Member)) + " " + input.Member.Name);
        source.Open("public " + model.OutputName + " Predict(" + string.Join(", ", parameters.Concat(PredictEmitter.DefaultedParameters(model)).Append(PredictEmitter.TokenParameter)) + ")");
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

    private static void EmitSetter(SourceWriter source)
    {
        source.Line().Open("private static void " + Setter + "<T>(scoped in " + Runtime + "PredictorCall call, int index, scoped in " + TensorSpan + "T> tensor) where T : unmanaged");
        source.Line("global::System.Span<long> shape = stackalloc long[tensor.Rank];");
        source.Open("for (int i = 0; i < shape.Length; i++)").Line("shape[i] = tensor.Lengths[i];").Close();
        source.Line("tensor.FlattenTo(call.MakeRoom<T>(index, shape));").Close();
    }
}
