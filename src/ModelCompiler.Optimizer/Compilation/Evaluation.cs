namespace ModelCompiler.Optimizer.Compilation;

/// <summary>A compiled model beside its source: how the outputs agree, and accuracy in percent where there are labels.</summary>
internal sealed record Evaluation(Agreement Agreement, (double Source, double Compiled)? Accuracy)
{
    /// <summary>Decibels below which an output differs from the source's by more than a sixth of its size,</summary>
    private const double EstrangedDb = 15;

    /// <summary>which is worth telling unless nearly all rows have the same largest element.</summary>
    private const double EstrangedTop1 = 0.95;

    /// <summary>
    /// Points lost: of accuracy where there are labels, else of agreement on the largest output element, and on names (<see cref="OutputAgreement.Same"/>). Of
    /// models whose outputs have neither, as one number, a picture or columns of unlike size (<see cref="OutputAgreement.IsOneAnswer"/>), the share of noise in the energy of the output that has most.
    /// </summary>
    public double Drop
    {
        get
        {
            if (Accuracy is { } accuracy) return accuracy.Source - accuracy.Compiled;
            double[] changed = [.. Decisive.Select(output => 1 - (output.Same ?? Kept(output))).OfType<double>()];
            return 100 * (changed.Length > 0 ? changed : Decisive.Select(NoiseOf)).Max();
        }
    }

    /// <summary>
    /// Points that the changes seem to cost: of accuracy where there are labels, else the loss of the output that loses most (<see cref="LossOf"/>).
    /// </summary>
    public double ExpectedDrop
    {
        get
        {
            if (Accuracy is { } accuracy) return accuracy.Source - accuracy.Compiled;
            // Numbers beside scores, such as the class itself, say the same once more.
            IEnumerable<OutputAgreement> scores = Decisive.Where(output => Kept(output) is not null);
            return 100 * scores.DefaultIfEmpty(Decisive.MinBy(Decibels)!).Max(LossOf);
        }
    }

    /// <summary>Signal-to-noise ratio in decibels of the output that agrees least.</summary>
    public double WorstSqnr => Measured.Min(Decibels);

    /// <summary>Signal-to-noise ratio in decibels, averaged over the outputs: what recipes are compared by. It sees changes that labels are too coarse for.</summary>
    public double Sqnr => Measured.Average(Decibels);

    /// <summary>The output that differs so much from the source's that its user should know, by its noise and by its largest elements; null where there is none, or labels tell.</summary>
    public OutputAgreement? Estranged => Accuracy is not null || Agreement.IsMadeUp ? null
        : Decisive.Where(IsEstranged).MinBy(Decibels);

    /// <summary>
    /// The outputs that tell how many answers are others: all but selections of open size; where there are no others, what these are selected from, if that is known.
    /// </summary>
    private IReadOnlyList<OutputAgreement> Decisive => FirstThatAre(output => output is { IsSelection: false, IsBeforeSelection: false }, output => output.IsBeforeSelection, _ => true);

    /// <summary>The outputs that tell how good the numbers are: what choices are made from, where all is chosen, and otherwise the same.</summary>
    private IReadOnlyList<OutputAgreement> Measured => FirstThatAre(output => output.IsBeforeSelection, output => !output.IsSelection, _ => true);

    private OutputAgreement[] FirstThatAre(params ReadOnlySpan<Func<OutputAgreement, bool>> kinds)
    {
        foreach (Func<OutputAgreement, bool> kind in kinds)
            if (Agreement.Outputs.Any(kind)) return [.. Agreement.Outputs.Where(kind)];
        return [];
    }

    /// <summary>
    /// The share of rows with another largest element; where those were nearly tied, the regret of the choice, though no less than the share of
    /// noise in the output's energy: networks whose scores lie close together mean them too.
    /// </summary>
    private static double LossOf(OutputAgreement output)
    {
        double noise = NoiseOf(output);
        return Kept(output) is { } top1 && output.Regret is { } regret ? Math.Min(1 - top1, Math.Max(regret, noise)) : noise;
    }

    /// <summary>The share of rows whose choice is the same, where there is something to choose.</summary>
    private static double? Kept(OutputAgreement output) => output.IsOneAnswer ? null : output.Top1Agreement;

    /// <summary>The share of noise in its energy.</summary>
    private static double NoiseOf(OutputAgreement output) => Math.Pow(10, -Decibels(output) / 10);

    private static bool IsEstranged(OutputAgreement output) => output.Same is { } same ? same < EstrangedTop1
        : Decibels(output) < EstrangedDb && Kept(output) is not > EstrangedTop1;

    /// <summary>Of names, those that changed are the noise.</summary>
    private static double Decibels(OutputAgreement output)
    {
        double sqnr = output.Same is { } same ? -10 * Math.Log10(1 - same) : output.SqnrDb;
        return Math.Clamp(double.IsNaN(sqnr) ? -100 : sqnr, -100, 200);
    }
}
