using ModelCompiler.Generator.Signatures;
using static ModelCompiler.Generator.Emission.ValueForms;

namespace ModelCompiler.Generator.Emission;

/// <summary>
/// Writes <c>Predict</c>, of the predictor or of its stream: a parameter for each input (a scalar for rank 0, a span
/// otherwise, and its shape where even the rank is open) and one for each size that the model leaves open; and the same
/// with all inputs as one value.
/// </summary>
internal static class PredictEmitter
{
    public const string Token = EmittedNames.CancellationToken;
    public const string TokenParameter = "global::System.Threading.CancellationToken " + Token + " = default";

    public static void Emit(SourceWriter source, PredictorModel model)
    {
        bool isInferred = model.FindsSizes;
        if (model.HasBatch && !isInferred)
        {
            source.Line();
            EmitDocs(source, model, "Predicts one sample.", withSizes: false);
            source.Line("public " + model.OutputName + " Predict(" + Parameters(model, withSizes: false) + ") =>");
            source.Line("    Predict(" + string.Join(", ", Arguments(model)) + ");");
        }

        source.Line();
        EmitDocs(source, model, model.HasBatch && !isInferred ? "Predicts a batch of samples in one run." : "Predicts.", withSizes: !isInferred);
        source.Open("public " + model.OutputName + " Predict(" + Parameters(model, withSizes: !isInferred) + ")");
        EmitCall(source, model, input => FromParameters(input, isInferred));
        source.Close();
        if (model.GivenInputs.Any())
        {
            EmitForInput(source, model);
        }

        if (model.TakesTensors)
        {
            TensorSpanEmitter.Emit(source, model);
        }

        if (model.HasSizedOutputs)
        {
            PredictIntoEmitter.Emit(source, model);
        }
    }

    /// <summary>Begins a call, sets its inputs and runs it.</summary>
    public static void EmitRun(SourceWriter source, PredictorModel model, Func<TensorMember, string> arguments)
    {
        source.Line("using var " + EmittedNames.Call + " = StartCall();");
        foreach (var (input, index) in model.GivenInputs)
        {
            source.Line(EmittedNames.Call + "." + Setter(input) + "(" + ShapeText.Number(index) + ", " + arguments(input) + ");");
        }

        source.Line(EmittedNames.Call + ".Run(" + Token + ");");
    }

    /// <summary>The arguments that set an input from the value with all inputs.</summary>
    public static string FromMember(PredictorModel model, TensorMember input)
    {
        string member = "input." + input.MemberName + (input.IsTensor && !input.IsScalar && !input.IsImage ? ".Span" : "");
        string MemberOf(string name) => model.Sizes.First(size => size.Name == name) is var size && size.IsOfStream ? name : "input." + size.MemberName;
        return input.ShapeName is not null ? member + ", input." + input.ShapeMember + ".Span"
            : model.IsInferable ? member
            : member + Shape(input, MemberOf);
    }

    /// <summary>The arguments that set an input from its parameters.</summary>
    public static string FromParameters(TensorMember input, bool isInferred) => input.Name + (isInferred ? "" : Shape(input, size => size));

    /// <summary>The parameters for inputs that may be left to the model's own value: after all others.</summary>
    public static IEnumerable<string> DefaultedParameters(PredictorModel model) =>
        model.DefaultedInputs.Select(input => Parameter(input.Member) + " " + input.Member.Name + (input.Member.IsScalar ? " = null" : " = default"));

    /// <summary>The parameters for inputs that must be given and, where the runtime does not find them, for the sizes that are open.</summary>
    public static IEnumerable<string> InputParameters(PredictorModel model, bool withSizes) =>
        model.RequiredInputs.SelectMany(input => InputParameters(input.Member)).Concat(withSizes ? model.CallSizes.Select(size => "int " + size.Name) : []);

    public static void EmitInputDocs(SourceWriter source, PredictorModel model, bool withSizes)
    {
        foreach (var (input, _) in model.GivenInputs)
        {
            EmitParameterDoc(source, input.Name, InputDoc(model, input, withSizes));
            if (input.ShapeName is { } shape)
            {
                EmitParameterDoc(source, shape, "The shape of <paramref name=\"" + input.Name + "\"/>.");
            }
        }

        foreach (var size in withSizes ? model.CallSizes : [])
        {
            EmitParameterDoc(source, size.Name, model.HasBatch ? "The number of samples." : "The size of the dimension of this name.");
        }
    }

    public static void EmitErrorDocs(SourceWriter source)
    {
        source.Line("/// <exception cref=\"" + Runtime + "TensorMismatchException\">An input does not fit what the model declares.</exception>");
        source.Line("/// <exception cref=\"" + Runtime + "OnnxRuntimeException\">The run failed.</exception>");
        source.Line("/// <exception cref=\"" + Runtime + "ProviderFaultException\">The execution provider failed for good, now or before.</exception>");
        source.Line("/// <exception cref=\"global::System.OperationCanceledException\">The run was cancelled.</exception>");
        source.Line("/// <exception cref=\"global::System.ObjectDisposedException\">The predictor is disposed.</exception>");
    }

    public static void EmitParameterDoc(SourceWriter source, string name, string text) =>
        source.Line("/// <param name=\"" + name + "\">" + text + "</param>");

    private static void EmitForInput(SourceWriter source, PredictorModel model)
    {
        source.Line().Summary("Predicts, with all inputs in one value." + (model.HasBatch && !model.Inputs.Any(value => value.IsImage) ? " Their lengths give the number of samples." : ""));
        source.Line("/// <param name=\"input\">The inputs.</param>");
        source.Line("/// <param name=\"" + Token + "\">Stops the run before its next node.</param>");
        EmitResultDocs(source);
        source.Open("public " + model.OutputName + " Predict(in " + model.InputName + " input, " + TokenParameter + ")");
        EmitCall(source, model, input => FromMember(model, input));
        source.Close();
    }

    private static void EmitCall(SourceWriter source, PredictorModel model, Func<TensorMember, string> arguments)
    {
        EmitRun(source, model, arguments);
        source.Line("return " + OutputEmitter.Creation(model) + ";");
    }

    /// <summary>A shape of numbers is known to the runtime, which then checks the number of elements; a picture brings its own.</summary>
    private static string Shape(TensorMember input, Func<string, string> size)
    {
        if (input.ShapeName is not null)
        {
            return ", " + input.ShapeName;
        }

        return !input.IsTensor || input.IsImage || input.Dimensions!.Value.All(dimension => dimension.Value is not null)
            ? ""
            : ", [" + string.Join(", ", input.Dimensions.Value.Select(d => d.Value is { } value ? ShapeText.Number(value) : size(d.Size!))) + "]";
    }

    private static string Parameters(PredictorModel model, bool withSizes) =>
        string.Join(", ", InputParameters(model, withSizes).Concat(DefaultedParameters(model)).Append(TokenParameter));

    /// <summary>For one sample, those of the method for a batch.</summary>
    private static IEnumerable<string> Arguments(PredictorModel model) => model.RequiredInputs.Select(input => input.Member.Name)
        .Append("1").Concat(model.DefaultedInputs.Select(input => input.Member.Name)).Append(Token);

    private static IEnumerable<string> InputParameters(TensorMember input)
    {
        yield return Parameter(input) + " " + input.Name;
        if (input.ShapeName is { } shape)
        {
            yield return Span + "long> " + shape;
        }
    }

    private static void EmitDocs(SourceWriter source, PredictorModel model, string summary, bool withSizes)
    {
        source.Summary(summary);
        EmitInputDocs(source, model, withSizes);
        EmitParameterDoc(source, Token, "Stops the run before its next node.");
        EmitResultDocs(source);
    }

    public static void EmitResultDocs(SourceWriter source)
    {
        source.Line("/// <returns>The outputs, which no later call changes.</returns>");
        EmitErrorDocs(source);
    }

    private static string InputDoc(PredictorModel model, TensorMember input, bool withSizes)
    {
        var shown = withSizes || !model.HasBatch || model.FindsSizes || input.Dimensions is not { } dimensions
            ? input
            : input with { Dimensions = new(dimensions.Select(d => model.Sizes.Any(size => size.Name == d.Size) ? new TensorDimension(1, null) : d)) };
        string left = input.HasDefault ? " Left out: the model's own value." : "";
        return ShapeText.Of(shown) + (input.IsScalar || !input.IsTensor || input.IsImage ? "." : ", in row-major order.") + left;
    }
}
