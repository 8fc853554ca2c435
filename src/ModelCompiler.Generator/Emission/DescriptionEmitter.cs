using ModelCompiler.Generator.Naming;
using ModelCompiler.Generator.Signatures;
using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Emission;

/// <summary>Writes what the runtime checks against the model when a predictor is made.</summary>
internal static class DescriptionEmitter
{
    private const string Runtime = "global::ModelCompiler.Runtime.";

    public static void Emit(SourceWriter source, PredictorModel model)
    {
        var manifest = model.Manifest;
        source.Open("private static readonly " + Runtime + "PredictorDescription " + EmittedNames.Description + " = new()");
        source.Line("Model = new(" + EmittedNames.ModelPath + ", " + EmittedNames.ModelSha256 + ")"
            + (manifest.IsEmbedded ? " { EmbeddedIn = typeof(" + model.ClassName + ").Assembly }" : "") + ",");
        EmitList(source, "ExternalData", manifest.ExternalData.Select(file => "new(" + SafeLiteral.Of(file.Name) + ", " + SafeLiteral.Of(file.Sha256) + ")"));
        EmitList(source, "Inputs", manifest.Inputs.Zip(model.Inputs, (value, member) => Spec(value, EmittedNames.InputNames, member)));
        EmitList(source, "Outputs", manifest.Outputs.Zip(model.Outputs, (value, member) => Spec(value, EmittedNames.OutputNames, member)));
        EmitStates(source, model);
        EmitList(source, "ExecutionProviders", manifest.ExecutionProviders.Select(provider => Choice(provider, manifest.ProviderOptions)));
        EmitList(source, "HostNodes", manifest.HostNodes.Select(SafeLiteral.Of));
        if (manifest.NeedsExactIntegers)
        {
            source.Line("ExactIntegers = true,");
        }

        if (model.CanBatch)
        {
            var batch = manifest.Batch;
            source.Line("Batch = new(" + Side(batch.Size) + ", " + ShapeText.Number(batch.Max) + ", " + ShapeText.Number(batch.WindowMicroseconds) + "),");
        }

        source.Line("MinimumRuntimeVersion = " + SafeLiteral.Of(manifest.MinimumRuntimeVersion) + ",");
        source.Line("MinimumOrtApiVersion = " + ShapeText.Number(manifest.MinimumOrtApiVersion) + ",");
        source.Close("};");
    }

    private static void EmitStates(SourceWriter source, PredictorModel model)
    {
        var states = model.Inputs.Select((input, index) => (Input: index, Output: model.Outputs.ToList().FindIndex(output => output.RawName == input.Value.State)));
        if (model.HasState)
        {
            EmitList(source, "States", states.Where(state => model.Inputs[state.Input].IsState).Select(state => "new(" + ShapeText.Number(state.Input) + ", " + ShapeText.Number(state.Output) + ")"));
        }
    }

    private static void EmitList(SourceWriter source, string property, IEnumerable<string> items)
    {
        source.Line(property + " =");
        source.Line("[");
        foreach (string item in items)
        {
            source.Line("    " + item + ",");
        }

        source.Line("],");
    }

    private static string Choice(string provider, IEnumerable<ManifestProviderOption> options)
    {
        string name = Runtime + "ExecutionProvider." + provider;
        string[] entries = [.. options.Where(option => option.Provider == provider).Select(option => "[" + SafeLiteral.Of(option.Name) + "] = " + SafeLiteral.Of(option.Value))];
        return entries.Length == 0
            ? "new(" + name + ")"
            : "new(" + name + ", new global::System.Collections.Generic.Dictionary<string, string> { " + string.Join(", ", entries) + " })";
    }

    private static string Spec(ManifestValue value, string names, TensorMember member)
    {
        string shape = value.Shape is { } dimensions ? "[" + string.Join(", ", dimensions.Select(Dimension)) + "]" : "null";
        return "new(" + names + "." + member.ConstantName + ", " + Runtime + "TensorElementType." + value.ElementType + ", " + shape + ")" + Details(value);
    }

    private static string Details(ManifestValue value)
    {
        var details = new List<string>();
        if (value.Kind != ManifestValueKind.Tensor)
        {
            details.Add("Kind = " + Runtime + "ValueKind." + (value.Kind == ManifestValueKind.OptionalSequence ? ManifestValueKind.Optional : value.Kind));
        }

        if (value.KeyType is { } key)
        {
            details.Add("KeyType = " + Runtime + "TensorElementType." + key);
        }

        if (value.HasDefault)
        {
            details.Add("HasDefault = true");
        }

        if (value.Image is { } image)
        {
            string size = Side(image.Width) + ", " + Side(image.Height);
            details.Add("Image = new(" + Runtime + "PixelFormat." + image.Order + ", " + Runtime + "ImageFit." + image.Fit + ", " + size + ")");
        }

        return details.Count == 0 ? "" : " { " + string.Join(", ", details) + " }";
    }

    private static string Side(int? pixels) => pixels is { } count ? ShapeText.Number(count) : "null";

    private static string Dimension(ManifestDimension dimension) => dimension switch
    {
        { Value: { } value } => ShapeText.Number(value),
        { Symbol: { } symbol } => SafeLiteral.Of(symbol),
        _ => Runtime + "TensorDimension.Unknown",
    };
}
