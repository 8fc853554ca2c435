using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>Finds out whether the first dimension of a model counts samples.</summary>
internal static class BatchAxis
{
    /// <summary>
    /// One open size in all inputs, and it comes first wherever it is: that is how a batch looks. Sizes without names are one too: pipelines with an input
    /// for each column of a table have as many of them as columns.
    /// </summary>
    public static bool IsOnlyOpenSize(EquatableArray<ManifestValue> inputs)
    {
        if (inputs.Any(input => input.Shape is null))
        {
            return false;
        }

        var open = inputs.SelectMany(OpenDimensions).ToList();
        return open.Count > 0 && open.All(d => d.Axis == 0 && d.Dimension == open[0].Dimension);
    }

    /// <summary>
    /// Whether one run can answer several calls: there is a batch, every output has it first too (or nothing is known of it),
    /// and all are tensors that memory can be sliced from.
    /// </summary>
    public static bool CanShareRuns(ModelManifest manifest, bool hasBatch)
    {
        var values = manifest.Inputs.Concat(manifest.Outputs);
        bool isPlain = values.All(value => value.Kind == ManifestValueKind.Tensor && value.ElementType != ManifestElementType.String && value.State is null);
        if (!isPlain || (!hasBatch && manifest.Batch.Size is null))
        {
            return false;
        }

        return manifest.Inputs.Any(input => IsBatched(manifest, input)) && manifest.Outputs.All(output => output.Shape is null || IsBatched(manifest, output));
    }

    /// <summary>Whether the first dimension is the batch, or may be.</summary>
    public static bool IsBatched(ModelManifest manifest, ManifestValue value) =>
        value.Shape is { Count: > 0 } shape && (shape[0].Value is not { } size || size == manifest.Batch.Size);

    /// <summary>A picture brings its own height and width.</summary>
    private static IEnumerable<(ManifestDimension Dimension, int Axis)> OpenDimensions(ManifestValue input) =>
        input.Shape!.Value.Select((dimension, axis) => (dimension, axis)).Where(d => d.dimension.Value is null && (input.Image is null || d.axis == 0));
}
