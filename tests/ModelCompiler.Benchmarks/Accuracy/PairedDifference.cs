using System.Globalization;

namespace ModelCompiler.Benchmarks.Accuracy;

/// <summary>
/// Whether two models differ in accuracy on the same samples, or only in which of them they answer right: McNemar's test (1947) with the correction for continuity (Edwards 1948),
/// z = (|Σ d| − 1) / √(Σ d²), where d is a sample answered right by one model only: 1 or −1. Samples that show the same digit are no independent
/// witnesses: d is then their sum (Obuchowski 1998, "On the comparison of correlated proportions for clustered data").
/// </summary>
/// <param name="Points">Percent of the samples that the first answers right beyond those that the second does.</param>
/// <param name="IsSignificant">Whether chance alone would give as much in less than one of twenty cases.</param>
internal readonly record struct PairedDifference(double Points, bool IsSignificant)
{
    /// <summary>What a normal number exceeds in one of twenty cases, at either end.</summary>
    private const double Critical = 1.96;

    /// <summary>Compares two models.</summary>
    /// <param name="first">Whether the first answered each sample right.</param>
    /// <param name="second">The same of the second.</param>
    /// <param name="cluster">How many samples, one after the other, belong together.</param>
    public static PairedDifference Of(IReadOnlyList<bool> first, IReadOnlyList<bool> second, int cluster)
    {
        double sum = 0, squares = 0;
        for (int start = 0; start < first.Count; start += cluster)
        {
            double difference = 0;
            for (int i = start; i < Math.Min(start + cluster, first.Count); i++) difference += (first[i] ? 1 : 0) - (second[i] ? 1 : 0);
            (sum, squares) = (sum + difference, squares + difference * difference);
        }
        return new PairedDifference(100 * sum / first.Count, Math.Abs(sum) - 1 > Critical * Math.Sqrt(squares));
    }

    /// <inheritdoc/>
    public override string ToString() => Points.ToString("F2", CultureInfo.InvariantCulture) + (IsSignificant ? "*" : " ");
}
