using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Equalization;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// Finds the recipe of static int8 whose outputs agree best: how ranges are chosen, how far the channels of activations are evened out, whether
/// the products before the outputs or before a logarithm stay in floating point, and how weights are rounded.
/// </summary>
internal sealed class Int8Search(CompilationJob job, SampleSet samples)
{
    /// <summary>Decibels from which on there is nothing to mend. A trained network at 32 lost three of its two thousand answers, at 37 none.</summary>
    private const double GoodDb = 36;

    /// <summary>Decibels from which on neither channels are evened out nor tails kept in floating point: what that may gain is not worth looking for.</summary>
    private const double FairDb = 30;

    /// <summary>What ranges have to gain from there on: a few tenths move some answers to the right and others to the wrong side.</summary>
    private const double ClearGainDb = 1;

    /// <summary>What evening out has to gain.</summary>
    private const double EqualizationGainDb = 0.5;

    /// <summary>The same where samples are made up, on which it gains though real ones lose: only a model that goes to pieces without it is helped by it.</summary>
    private const double MadeUpEqualizationGainDb = 10;

    /// <summary>What it has to gain to leave products in floating point for the answers' sake.</summary>
    private const double FloatGainDb = 3;

    /// <summary>
    /// What rounding by least squares may seem to lose on these samples: it lessens the error of every product by construction and costs nothing where the
    /// model runs, while the outputs move by as much whichever way the errors of the activations happen to fall.
    /// </summary>
    private const double RoundingNoiseDb = 0.5;

    /// <summary>Samples that are enough to see how long integers take: which numbers they hold hardly moves that. And whether a large model gains by other numbers.</summary>
    private const int TimedSamples = 4;

    /// <summary>What is left out at first has to be so many times as much: where integers gain, another session observes it.</summary>
    private const int WorthwhileShare = 4, LargeShare = 25;

    private static readonly double[] Strengths = [0.5, 0.85];

    private readonly Lazy<Model?> _normalized = new(() => samples.IsMadeUp ? NormalizedModel(job, samples) : null);
    private readonly Lazy<Model> _prepared = new(() => Prepare(job, job.Model));
    private Int8Builder? _plain;
    private Int8Candidate? _made;
    private (Int8Candidate From, Int8Candidate Candidate, double Sqnr)? _rounded;
    private IReadOnlyDictionary<string, double[]>? _largest;

    /// <summary>The best candidate, and the builder that makes others like it.</summary>
    /// <param name="start">What is in floating point, and on tiles, for the sake of time.</param>
    /// <param name="made">A candidate of that recipe, where there is one.</param>
    public (Int8Builder Builder, Int8Candidate Best) Run(Int8Recipe start, Int8Candidate? made = null)
    {
        _made = made;
        if (_normalized.Value is not null)
        {
            // What agrees best on random inputs says nothing of others, whose statistics are known.
            Int8Builder builder = Builder(0);
            return (builder, builder.Build(start with { Ranges = RangeMethod.Doubled }));
        }
        job.Progress?.Report($"calibrating on {samples.Count} samples");
        (Int8Builder chosen, (Int8Candidate Candidate, double Sqnr) best) = EvenedOut(start);
        best = WithOtherRanges(chosen, best);
        return (chosen, best.Sqnr >= GoodDb ? best.Candidate : Round(chosen, WithTails(chosen, WithLogarithms(chosen, best))).Candidate);
    }

    /// <summary>Evens out the channels as far as the outputs gain by it, with the simplest ranges: to choose better ones takes longer than all of this.</summary>
    private (Int8Builder Builder, (Int8Candidate Candidate, double Sqnr) Best) EvenedOut(Int8Recipe start)
    {
        Int8Builder builder = Builder(0);
        (Int8Candidate Candidate, double Sqnr) best = Try(builder, start with { Ranges = RangeMethod.MinMax });
        foreach (double strength in Strengths)
        {
            if (best.Sqnr >= FairDb) break;
            job.Progress?.Report(FormattableString.Invariant($"with channels evened out by {strength}:"));
            // What outputs gain by it shows with the ranges of some samples: the others are observed where it does.
            Int8Builder even = Builder(strength, IsHeld ? (int)Math.Min(job.Evaluator!.FewSamples, int.MaxValue) : TimedSamples);
            if (even == builder || TryEvened(even, best, strength) is not { } other) break;
            if (!even.IsComplete)
            {
                even.Complete();
                if (TryEvened(even, best, strength) is not { } complete) break;
                other = complete;
            }
            (builder, best) = (even, other);
        }
        return (builder, best);
    }

    /// <summary>The candidate with channels evened out; null where the outputs gain too little by it.</summary>
    private (Int8Candidate Candidate, double Sqnr)? TryEvened(Int8Builder builder, (Int8Candidate Candidate, double Sqnr) best, double strength)
    {
        (Int8Candidate Candidate, double Sqnr) other = Try(builder, best.Candidate.Recipe with { Equalization = strength });
        return other.Sqnr > best.Sqnr + (samples.IsMadeUp ? MadeUpEqualizationGainDb : EqualizationGainDb) ? other : null;
    }

    /// <summary>A copy of the model that is calibrated enough to time candidates; <see cref="Builder"/> completes it.</summary>
    public Int8Builder Beginning()
    {
        // To open a large model again takes as long as to run it on many samples.
        bool isEnough = samples.Count > (IsHeld ? WorthwhileShare : LargeShare) * TimedSamples;
        return _plain ??= Calibrate(isEnough ? TimedSamples : int.MaxValue);
    }

    private bool IsHeld => ModelImage.IsHeldAt(OnnxWriter.WeightBytes(job.Model));

    private Int8Builder Calibrate(int first) => new(_prepared.Value.Clone(), job.Options.Target, job.Inputs(samples, samples.Count), job.Cancellation, _normalized.Value, samples.IsMadeUp, first);

    /// <summary>A calibrated copy of the model whose channels are evened out; where there is nothing to even out, the one for a strength of zero.</summary>
    /// <param name="strength">How far.</param>
    /// <param name="first">How many samples are enough until <see cref="Int8Builder.Complete"/>.</param>
    public Int8Builder Builder(double strength, int first = int.MaxValue)
    {
        _plain ??= Calibrate(int.MaxValue);
        _plain.Complete();
        if (strength == 0) return _plain;
        Model model = _prepared.Value.Clone();
        _largest ??= ChannelEqualizer.Largest(model, job.Inputs(samples, job.Evaluator!.FewSamples), job.Cancellation);
        IReadOnlySet<string> changed = ChannelEqualizer.Equalize(model, _largest, strength);
        return changed.Count == 0 ? _plain : _plain.ForCopy(model, changed, first < samples.Count ? first : int.MaxValue);
    }

    /// <summary>The prepared model with other statistics in its normalizations, see <see cref="NormalizationStatistics"/>; null where it has none.</summary>
    private static Model? NormalizedModel(CompilationJob job, SampleSet samples)
    {
        Model model = job.Given.Read();
        FunctionInliner.Inline(model);
        if (job.IsNarrowed) new DoubleNarrowing().Apply(new PassContext(model, job.Options.Target));
        int count = NormalizationStatistics.Match(model, [.. job.Inputs(samples, samples.Count)], job.Cancellation);
        if (count == 0) return null;
        job.Progress?.Report($"there are no samples: the statistics of {count} normalizations stand for them");
        CompilationJob copy = job with { Passes = new PassContext(model, job.Options.Target) };
        PassPipeline.BeforeQuantization.Run(copy.Passes, job.Cancellation);
        copy.RaiseOpset(job.Model.Opset, PassPipeline.BeforeQuantization);
        // Prepared in the same way it has the same tensors, unless a pass looked at the statistics.
        HashSet<string> there = [.. model.Graph.Values().Select(value => value.Name)];
        return job.Model.Graph.Nodes.All(node => node.Outputs.ToArray().All(output => there.Contains(output.Name))) ? Prepare(job, model) : null;
    }

    /// <summary>The model as integers compute it: itself, or a copy that has convolutions where it has transposed ones, and moves whole pixels where it shuffles them.</summary>
    public static Model Prepare(CompilationJob job, Model model)
    {
        if (!model.Graph.Nodes.Any(node => node.Is("ConvTranspose") || node.Is("DepthToSpace"))) return model;
        var context = new PassContext(model.Clone(), job.Options.Target);
        PassPipeline.Subpixels.Run(context, job.Cancellation);
        return context.Model;
    }

    /// <summary>Chooses ranges for each tensor where the outputs gain by it.</summary>
    private (Int8Candidate Candidate, double Sqnr) WithOtherRanges(Int8Builder builder, (Int8Candidate Candidate, double Sqnr) best)
    {
        if (best.Sqnr >= GoodDb) return best;
        // Where the answers are nearly good, better weights often do, and they are rounded in any case: then no other ranges are looked for.
        if (best.Sqnr >= FairDb && Round(builder, best) is { Sqnr: >= GoodDb } rounded) return rounded;
        (Int8Candidate Candidate, double Sqnr) other = Try(builder, best.Candidate.Recipe with { Ranges = RangeMethod.PerTensor });
        // A tenth of a decibel is within what another CPU's kernels may differ by: the simpler method wins there, on every machine.
        return other.Sqnr > best.Sqnr + (best.Sqnr >= FairDb ? ClearGainDb : 0.1) ? other : best;
    }

    /// <summary>Keeps the products before a logarithm in floating point where the outputs gain much by it.</summary>
    private (Int8Candidate Candidate, double Sqnr) WithLogarithms(Int8Builder builder, (Int8Candidate Candidate, double Sqnr) best) =>
        InFloat(builder, best, LogarithmicProducts.Of(builder.Model.Graph, builder.Products));

    /// <summary>Keeps the products before the outputs in floating point where the outputs gain much by it: they are few, and what decodes them is in float anyway.</summary>
    private (Int8Candidate Candidate, double Sqnr) WithTails(Int8Builder builder, (Int8Candidate Candidate, double Sqnr) best)
    {
        IReadOnlySet<string> tails = TailProducts.Of(builder.Model.Graph, builder.Products);
        return tails.Count > builder.Products.Count / 2 ? best : InFloat(builder, best, tails);
    }

    private (Int8Candidate Candidate, double Sqnr) InFloat(Int8Builder builder, (Int8Candidate Candidate, double Sqnr) best, IReadOnlySet<string> products)
    {
        string[] open = [.. products.Except(best.Candidate.Recipe.InFloat)];
        if (best.Sqnr >= FairDb || open.Length == 0) return best;
        (Int8Candidate Candidate, double Sqnr) kept = Try(builder, best.Candidate.Recipe with { KeptInFloat = best.Candidate.Recipe.KeptInFloat.Union(open).ToHashSet() });
        return kept.Sqnr > best.Sqnr + FloatGainDb ? kept : best;
    }

    /// <summary>Rounds the weights by least squares, unless the outputs lose more than noise by it.</summary>
    private (Int8Candidate Candidate, double Sqnr) Round(Int8Builder builder, (Int8Candidate Candidate, double Sqnr) best)
    {
        if (!ReferenceEquals(_rounded?.From, best.Candidate))
        {
            (Int8Candidate rounded, double sqnrRounded) = Try(builder, best.Candidate.Recipe with { LeastSquares = true });
            _rounded = (best.Candidate, rounded, sqnrRounded);
        }
        (_, Int8Candidate candidate, double sqnr) = _rounded!.Value;
        return sqnr > best.Sqnr - RoundingNoiseDb ? (candidate, sqnr) : best;
    }

    /// <summary>A candidate and the decibels of its outputs, made without a session of the source: its answers are known from the first candidate on, and its memory is wanted.</summary>
    private (Int8Candidate Candidate, double Sqnr) Try(Int8Builder builder, Int8Recipe recipe)
    {
        job.Cancellation.ThrowIfCancellationRequested();
        bool isMade = ReferenceEquals(builder, _plain) && _made?.Recipe == recipe;
        if (!isMade) job.Given.Release();
        Int8Candidate candidate = isMade ? _made! : builder.Build(recipe);
        double sqnr = job.Evaluator!.CompareOnFew(candidate.Image, job.Cancellation).Sqnr;
        job.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidate.Recipe}: {sqnr:F1} dB"));
        return (candidate, sqnr);
    }
}
