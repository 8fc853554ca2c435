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
            string[] names = [.. model.OtherTypes.Select(model.Qualified), model.FullName];
            if (names.Any(seen.Contains))
            {
                taken.Add(model.FullName);
            }

            seen.UnionWith(names);
        }

        return new EquatableArray<string>(taken);
    }
}
