using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>
/// Predictors that cannot be emitted because another one has their name, or that of a type of theirs. Without regard
/// to case: names of generated files have none.
/// </summary>
internal static class TakenNames
{
    public static EquatableArray<string> Find(IEnumerable<PredictorModel?> models)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var taken = new List<string>();
        foreach (var model in models.OfType<PredictorModel>())
        {
            // All names, whatever comes of the first.
            if (model.OtherTypes.Select(model.Qualified).Append(model.FullName).Count(name => !seen.Add(name)) > 0)
            {
                taken.Add(model.FullName);
            }
        }

        return new EquatableArray<string>(taken);
    }
}
