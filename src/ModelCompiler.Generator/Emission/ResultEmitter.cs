using ModelCompiler.Generator.Signatures;

namespace ModelCompiler.Generator.Emission;

/// <summary>Writes the type that holds the outputs of a prediction.</summary>
internal static class ResultEmitter
{
    private const string Tensor = "global::ModelCompiler.Runtime.PredictionTensor<";

    public static void Emit(SourceWriter source, PredictorModel model, string accessibility, string attribute)
    {
        source.Summary("The outputs of a prediction of <see cref=\"" + model.ClassName + "\"/>.");
        source.Line(attribute);
        source.Open(accessibility + " sealed partial class " + model.ResultName);
        EmitConstructor(source, model);
        foreach (var output in model.Outputs)
        {
            source.Line().Summary(ShapeText.Of(output) + ".");
            source.Line("public " + Tensor + output.Type + "> " + output.Name + " { get; }");
        }

        source.Close();
    }

    private static void EmitConstructor(SourceWriter source, PredictorModel model)
    {
        var outputs = model.Outputs;
        source.Open("internal " + model.ResultName + "(" + string.Join(", ", outputs.Select((output, i) => Tensor + output.Type + "> " + Parameter(i))) + ")");
        for (int i = 0; i < outputs.Count; i++)
        {
            source.Line(outputs[i].Name + " = " + Parameter(i) + ";");
        }

        source.Close();
    }

    private static string Parameter(int index) => "output" + ShapeText.Number(index);
}
