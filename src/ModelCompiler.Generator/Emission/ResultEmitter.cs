using ModelCompiler.Generator.Signatures;

namespace ModelCompiler.Generator.Emission;

/// <summary>Writes the type that holds the outputs of a prediction.</summary>
internal static class ResultEmitter
{
    public static void Emit(SourceWriter source, PredictorModel model, string accessibility, string attribute)
    {
        source.Summary("The outputs of a prediction of <see cref=\"" + model.ClassName + "\"/>.");
        source.Line(attribute);
        source.Open(accessibility + " sealed partial class " + model.ResultName);
        EmitConstructor(source, model);
        foreach (var (output, _) in model.ShownOutputs)
        {
            source.Line().Summary(ShapeText.Of(output) + ".");
            source.Line("public " + ValueForms.Result(output) + " " + output.MemberName + " { get; }");
        }

        EmitToString(source, model);
        source.Close();
    }

    private static void EmitConstructor(SourceWriter source, PredictorModel model)
    {
        var outputs = model.ShownOutputs.ToList();
        source.Open("internal " + model.ResultName + "(" + string.Join(", ", outputs.Select(output => ValueForms.Result(output.Member) + " " + Parameter(output.Index))) + ")");
        foreach (var (output, index) in outputs)
        {
            source.Line(output.MemberName + " = " + Parameter(index) + ";");
        }

        source.Close();
    }

    private static void EmitToString(SourceWriter source, PredictorModel model)
    {
        var tensors = model.ShownOutputs.Select(output => output.Member).Where(output => output.IsTensor).Select(output => "\"" + output.MemberName + " \" + " + output.MemberName);
        source.Line().Line("/// <inheritdoc/>");
        source.Line("public override string ToString() => string.Join(\", \", new string[] { " + string.Join(", ", tensors) + " });");
    }

    private static string Parameter(int index) => "output" + ShapeText.Number(index);
}
