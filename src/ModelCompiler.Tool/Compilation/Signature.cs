using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Signature;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Compilation;

/// <summary>How the predictor's inputs and outputs differ from those of the source model, as far as the compiled model does not tell.</summary>
/// <param name="Labels">The names of classes.</param>
/// <param name="Image">The input that takes pictures; null for none.</param>
internal sealed record Signature(ClassLabels Labels, ImagePreprocessing? Image)
{
    /// <summary>Gives a model the inputs and outputs that the item wants. Before anything is measured: what is compared with is that model.</summary>
    /// <exception cref="CompilerException">The settings do not fit the model (OM23xx).</exception>
    public static Signature Apply(Model model, ItemSettings settings, IProgress<string> progress)
    {
        if (settings.Outputs.Count > 0)
        {
            IReadOnlyList<string> removed = OutputSelection.Apply(model, settings.Outputs);
            if (removed.Count > 0) progress.Report($"not needed for these outputs: {string.Join(", ", removed)}");
        }
        if (settings.OptionalInputs.Count > 0) DefaultedInputs.Apply(model, settings.OptionalInputs);
        if (settings.Dimensions.Count > 0) DimensionFixing.Apply(model, settings.Dimensions);
        if (settings.Batch is { } batch) BatchFixing.Apply(model, batch);
        TensorNames.CheckRename(model.Graph, settings.Rename);
        StatePairs.Check(model.Graph, settings.State);
        // Samples are pixels from here on, and so are those that the result is compared on.
        ImagePreprocessing? image = settings.Image is { } options ? ImagePreprocessing.Apply(model, options) : null;
        return new Signature(settings.Labels is { } path ? ClassLabels.Read(path, model.Graph) : ClassLabels.None, image);
    }
}
