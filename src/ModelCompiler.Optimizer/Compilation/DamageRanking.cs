using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// Orders layers by the damage that each does to the outputs: the share of noise in them where it alone is less exact. The noise that a layer adds to its own
/// output does not tell: what is behind it may forget or enlarge it.
/// </summary>
internal static class DamageRanking
{
    /// <summary>Models that are built and run at most. Of more layers, those next to each other are measured together first, and the worst of these by halves: noise adds up.</summary>
    public const int Measurements = 48;

    private const int FirstGroups = 16;

    /// <summary>Samples of each run: enough where layers differ by factors.</summary>
    private const long Samples = 8;

    /// <summary>The layers, those that do most damage first.</summary>
    /// <param name="job">The compilation.</param>
    /// <param name="layers">Their names in the order of the graph.</param>
    /// <param name="build">Compiles with these layers more exact.</param>
    public static IReadOnlyList<string> Of(CompilationJob job, IReadOnlyList<string> layers, Func<IReadOnlySet<string>, CompiledModel> build)
    {
        job.Progress?.Report($"measuring what {layers.Count} layers do to the outputs");
        return Of(layers, names => Share(job, build(layers.Except(names).ToHashSet(StringComparer.Ordinal))));
    }

    /// <summary>The same by a given damage of layers together.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> layers, Func<IReadOnlyList<string>, double> damage)
    {
        if (layers.Count < 2) return layers;
        List<Group> measured = [.. layers.Chunk(layers.Count <= Measurements ? 1 : (layers.Count + FirstGroups - 1) / FirstGroups).Select(Measured)];
        for (int count = measured.Count; count + 2 <= Measurements && measured.Where(group => group.Names.Length > 1).MaxBy(group => group.Damage) is { } worst; count += 2)
        {
            measured.Remove(worst);
            measured.AddRange(Measured(worst.Names[..(worst.Names.Length / 2)]), Measured(worst.Names[(worst.Names.Length / 2)..]));
        }
        return [.. measured.OrderByDescending(group => group.Damage / group.Names.Length).SelectMany(group => group.Names)];

        Group Measured(string[] names) => new(names, damage(names));
    }

    private static double Share(CompilationJob job, CompiledModel compiled)
    {
        job.Cancellation.ThrowIfCancellationRequested();
        using ModelImage image = compiled.Image;
        return Math.Pow(10, -job.Evaluator!.CompareOnFirst(Samples, image, job.Cancellation).Sqnr / 10);
    }

    private sealed record Group(string[] Names, double Damage);
}
