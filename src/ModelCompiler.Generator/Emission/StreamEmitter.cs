using ModelCompiler.Generator.Signatures;
using static ModelCompiler.Generator.Emission.ValueForms;

namespace ModelCompiler.Generator.Emission;

/// <summary>Writes the stream: one conversation with a model that carries state from call to call.</summary>
internal static class StreamEmitter
{
    public static void EmitFactory(SourceWriter source, PredictorModel model)
    {
        var sizes = StreamSizes(model).ToList();
        source.Line().Summary("Begins a conversation: its calls carry the state of the model on. Cheap to make by the thousand; all share the model.");
        EmitSizeDocs(source, sizes);
        source.Line("/// <returns>A stream for one thread at a time; dispose it.</returns>");
        source.Line("public " + model.StreamName + " OpenStream(" + string.Join(", ", sizes.Select(size => "int " + size.Name + " = 1")) + ") => new("
            + string.Join(", ", sizes.Select(size => size.Name).Prepend("this")) + ");");
    }

    public static void Emit(SourceWriter source, PredictorModel model, string accessibility, string attribute)
    {
        source.Summary("One conversation with <see cref=\"" + model.ClassName + "\"/>. For one thread at a time; a call that fails leaves the state as it was.");
        source.Line(attribute);
        source.Open(accessibility + " sealed partial class " + model.StreamName + " : " + Runtime + "PredictorStream");
        var states = model.Inputs.Where(input => input.IsState).Select(ShapeText.Dimensions);
        var kept = SizesOfShapes(model).ToList();
        foreach (var size in kept)
        {
            source.Line("private readonly int " + size.Name + ";").Line();
        }

        source.Open("internal " + model.StreamName + "(" + string.Join(", ", StreamSizes(model).Select(size => "int " + size.Name).Prepend(model.ClassName + " predictor")) + ")", "base(predictor, [" + string.Join(", ", states) + "])");
        foreach (var size in kept)
        {
            source.Line("this." + size.Name + " = " + size.Name + ";");
        }

        source.Close();
        PredictEmitter.Emit(source, model);
        source.Close();
    }

    private static IEnumerable<SizeParameter> StreamSizes(PredictorModel model) => model.Sizes.Where(size => size.IsOfStream);

    /// <summary>Those that calls need where they spell out the shape of an input.</summary>
    private static IEnumerable<SizeParameter> SizesOfShapes(PredictorModel model) =>
        StreamSizes(model).Where(size => !model.IsInferable && model.GivenInputs.Any(input => input.Member.Sizes.Contains(size.Name)));

    private static void EmitSizeDocs(SourceWriter source, IEnumerable<SizeParameter> sizes)
    {
        foreach (var size in sizes)
        {
            source.Line("/// <param name=\"" + size.Name + "\">The size of the dimension of this name, for all calls.</param>");
        }
    }
}
